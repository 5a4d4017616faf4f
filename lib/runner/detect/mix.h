#pragma once
#include "runner/detect/sample.h"

/// What is made of whole pictures on squares of one size, and how their objects are turned over.
namespace lotse::runner::detect {

/// Left becomes right in a picture of that width.
void mirror(Labels& objects, double width);

/// Top becomes bottom in a picture of that height.
void turn_upside_down(Labels& objects, double height);

/// mixup (arXiv 1710.09412): `part` of one picture and the rest of the other one; the objects of
/// both.
void mix_up(Sample& onto, const Sample& from, double part);

/// A rectangle in whole pixels.
struct Area {
  int x1 = 0, y1 = 0, x2 = 0, y2 = 0;
};

/// CutMix's rectangle (arXiv 1905.04899): about the pixel (x, y), its sides sqrt(1 - kept) of the
/// picture's, cut to it.
Area cut_area(int width, int height, int x, int y, double kept);

/// Whether no object reaches into the area.
bool is_free(const Area& area, const Sample& sample);

/// Puts the area of one picture onto the other one, with the parts of objects that lie in it: those
/// with at least a tenth of their box (a hundredth where outlines are known). Nothing changes where
/// there is none.
void cut_mix(Sample& onto, const Sample& from, const Area& area);

/// Copy-paste (arXiv 2012.07177) within a picture: of the objects whose outline is known, mirrored
/// left to right, those that would hide less than 30 % of any box are candidates; `part` of them
/// are pasted, those that hide least first.
void copy_paste(Sample& sample, double part);

}  // namespace lotse::runner::detect
