#include "object/schedule.h"

#include <catch2/catch.hpp>
#include <map>
#include <sstream>

#include "support/error_from.h"

using namespace lotse;
using object::Schedule;
using test::error_from;

namespace {

/// "CRON=COUNT/SECONDS", one a line.
std::string turns(const std::string& text, int64_t otherwise = 1) {
  std::ostringstream out;
  for (const auto& turn : Schedule::parse(text).turns(otherwise))
    out << turn.cron << "=" << turn.count << "/" << turn.seconds << "\n";
  return out.str();
}

/// "at character N: message | hint", one a line.
std::string problems(const std::string& text) {
  std::string said;
  const auto refused = error_from([&] { Schedule::parse(text); });
  for (const auto& each : refused.diagnostics())
    said += each.where + ": " + each.message + (each.hint.empty() ? "" : " | " + each.hint) + "\n";
  return said;
}

constexpr int monday = 0, friday = 4 * 1440, saturday = 5 * 1440, sunday = 6 * 1440;
constexpr int at(int hours, int minutes = 0) {
  return hours * 60 + minutes;
}

/// The numbers in a list of cron's.
bool is_listed(const std::string& list, int number) {
  if (list == "*") return true;
  std::istringstream parts(list);
  for (std::string part; std::getline(parts, part, ',');) {
    const auto dash = part.find('-');
    const int first = std::stoi(part);
    const int last = dash == std::string::npos ? first : std::stoi(part.substr(dash + 1));
    if (first <= number && number <= last) return true;
  }
  return false;
}

/// The numbers of a week as a cluster would set them: each moment's that is due, from a wrong one.
std::vector<int64_t> carried_out(const std::vector<object::Turn>& turns) {
  std::vector<int64_t> counts(Schedule::week, -1);
  int64_t now = -1;
  for (int i = 0; i < 2 * Schedule::week; ++i) {
    const int minute = i % Schedule::week;
    int due = 0;
    for (const auto& turn : turns) {
      std::istringstream cron(turn.cron);
      std::string minutes, hours, days, months, weekdays;
      cron >> minutes >> hours >> days >> months >> weekdays;
      if (!is_listed(minutes, minute % 60) || !is_listed(hours, minute % 1440 / 60) ||
          !is_listed(weekdays, (minute / 1440 + 1) % 7))
        continue;
      ++due;
      now = turn.count;
    }
    CHECK(due <= 1);
    counts[minute] = now;
  }
  return counts;
}

}  // namespace

TEST_CASE("a schedule has a number for each minute of the week, and one CronJob for each number") {
  CHECK(turns("weekdays 07:00-09:30 = 20; else 3") ==
        "30 9 * * 1-5=3/77400\n"
        "0 7 * * 1-5=20/9000\n");
  // Without `else` the other times have the number that the service has anyway.
  CHECK(turns("weekdays 07:00-09:30 = 20", 4) ==
        "30 9 * * 1-5=4/77400\n"
        "0 7 * * 1-5=20/9000\n");
  CHECK(turns("daily 08:00-20:00=5;else 0") ==
        "0 20 * * *=0/43200\n"
        "0 8 * * *=5/43200\n");
  CHECK(turns("weekends 00:00-24:00 = 2; else 6") ==
        "0 0 * * 6=2/172800\n"
        "0 0 * * 1=6/432000\n");
  // Two rush hours are one CronJob where cron can say so.
  CHECK(turns("weekdays 07:00-09:00 = 20; weekdays 16:00-19:00 = 20; else 3") ==
        "0 9,19 * * 1-5=3/25200\n"
        "0 7,16 * * 1-5=20/7200\n");
  CHECK(turns("daily 07:00-07:20 = 9; daily 07:30-07:50 = 9; else 1") ==
        "20,50 7 * * *=1/600\n"
        "0,30 7 * * *=9/1200\n");
  CHECK(turns("mon,tue,sat 10:00-11:00 = 2; else 1") ==
        "0 11 * * 1,2,6=1/82800\n"
        "0 10 * * 1,2,6=2/3600\n");
  CHECK(turns("sun,weekdays 10:00-11:00 = 2; else 1") ==
        "0 11 * * 0-5=1/82800\n"
        "0 10 * * 0-5=2/3600\n");
}

TEST_CASE("the first rule that fits counts, and those that meet with one number are one") {
  const auto lunch = Schedule::parse("daily 12:00-13:00 = 9; weekdays 08:00-18:00 = 5; else 1");
  CHECK(lunch.at(monday + at(11, 59), 0) == 5);
  CHECK(lunch.at(monday + at(12), 0) == 9);
  CHECK(lunch.at(monday + at(12, 59), 0) == 9);
  CHECK(lunch.at(monday + at(13), 0) == 5);
  CHECK(lunch.at(monday + at(18), 0) == 1);
  CHECK(lunch.at(saturday + at(12, 30), 0) == 9);
  CHECK(lunch.at(saturday + at(13), 0) == 1);
  const auto covered = Schedule::parse("weekdays 08:00-18:00 = 5; daily 12:00-13:00 = 9; else 1");
  CHECK(covered.at(monday + at(12), 0) == 5);
  CHECK(covered.at(sunday + at(12), 0) == 9);
  CHECK(turns("daily 08:00-12:00 = 5; daily 12:00-18:00 = 5; else 1") ==
        turns("daily 08:00-18:00 = 5; else 1"));
  CHECK(Schedule::parse("daily 08:00-09:00 = 5").at(at(10), 7) == 7);
}

TEST_CASE("a rule that ends before it begins ends on the day after") {
  const auto night = Schedule::parse("fri 22:00-02:00 = 5; sun 23:30-00:30 = 7; else 1");
  CHECK(night.at(friday + at(21, 59), 0) == 1);
  CHECK(night.at(friday + at(22), 0) == 5);
  CHECK(night.at(saturday + at(1, 59), 0) == 5);
  CHECK(night.at(saturday + at(2), 0) == 1);
  CHECK(night.at(friday + at(1), 0) == 1);  // that was Thursday's
  CHECK(night.at(sunday + at(23, 30), 0) == 7);
  CHECK(night.at(monday + at(0, 29), 0) == 7);  // the week goes round
  CHECK(night.at(monday + at(0, 30), 0) == 1);
  CHECK(turns("daily 22:00-06:00 = 0; else 4") ==
        "0 22 * * *=0/28800\n"
        "0 6 * * *=4/57600\n");
  CHECK(turns("fri 22:00-02:00 = 5; else 1") ==
        "0 2 * * 6=1/590400\n"
        "0 22 * * 5=5/14400\n");
  CHECK(turns("daily 08:00-24:00 = 5; else 1") ==
        "0 0 * * *=1/28800\n"
        "0 8 * * *=5/57600\n");
}

TEST_CASE("white space is free, and means nothing") {
  CHECK(turns("  weekdays   07:00 - 09:30=20 ;else   3 ") ==
        turns("weekdays 07:00-09:30 = 20; else 3"));
  CHECK(turns("mon, tue 07:00-09:30 = 20;\nelse 3") == turns("mon,tue 07:00-09:30 = 20; else 3"));
}

TEST_CASE("carried out, the turns give the number of each minute") {
  for (const char* text :
       {"weekdays 07:00-09:30 = 20; else 3",
        "daily 22:00-06:00 = 0; weekends 06:00-08:15 = 2; else 4",
        "sun 23:30-00:30 = 7; mon,wed,fri 00:10-12:00 = 3; daily 11:00-13:00 = 8; else 1",
        "mon 00:00-00:01 = 1; tue 00:01-00:02 = 2; wed 12:59-13:01 = 3",
        "weekends 00:00-24:00 = 2; weekdays 06:00-10:00 = 9; weekdays 15:00-20:00 = 9; else 5"}) {
    INFO(text);
    const auto schedule = Schedule::parse(text);
    const auto counts = carried_out(schedule.turns(6));
    bool same = true;
    for (int i = 0; i < Schedule::week; ++i) same = same && counts[i] == schedule.at(i, 6);
    CHECK(same);
    // Who comes less than `seconds` late sets what is right then.
    for (const auto& turn : schedule.turns(6)) CHECK(turn.seconds >= 60);
  }
}

TEST_CASE("every mistake in a schedule is told at its place") {
  CHECK(problems("wekdays 07:00-09:30 = 20; else 3") ==
        "at character 1: 'wekdays' is no day | did you mean weekdays?\n");
  CHECK(
      problems("mon,xyz 07:00-09:30 = 20") ==
      "at character 5: 'xyz' is no day | daily, weekdays, weekends, mon, tue, wed, thu, fri, sat, "
      "sun\n");
  CHECK(problems("mon, 07:00-09:30 = 20") ==
        "at character 5: a day is missing | daily, weekdays, weekends, mon, tue, wed, thu, fri, "
        "sat, sun\n");
  CHECK(problems("07:00-09:30 = 20") ==
        "at character 1: a day is missing | daily, weekdays, weekends, mon, tue, wed, thu, fri, "
        "sat, sun\n");
  CHECK(
      problems("daily 7:00-09:30 = 20") ==
      "at character 7: '7:00' is no time of the day | HH:MM, from 00:00 to 24:00, such as 07:30\n");
  CHECK(
      problems("daily 07:60-24:01 = 20") ==
      "at character 7: '07:60' is no time of the day | HH:MM, from 00:00 to 24:00, such as 07:30\n"
      "at character 13: '24:01' is no time of the day | HH:MM, from 00:00 to 24:00, such as "
      "07:30\n");
  CHECK(problems("daily 24:00-07:00 = 2") ==
        "at character 7: a day begins at 00:00; 24:00 is its end\n");
  CHECK(problems("daily 07:00-07:00 = 2") ==
        "at character 7: begins and ends at the same minute | 00:00-24:00 is all of the day\n");
  CHECK(problems("daily 07:00 = 2") ==
        "at character 7: '07:00' is not from when to when | HH:MM-HH:MM\n");
  CHECK(problems("daily = 2") == "at character 6: the times are missing | HH:MM-HH:MM\n");
  CHECK(problems("daily 07:00-08:00") ==
        "at character 1: 'daily 07:00-08:00' is no rule | such as weekdays 07:00-09:30 = 20\n");
  CHECK(problems("daily 07:00-08:00 = ") ==
        "at character 20: a number is missing | a whole number from 0\n");
  CHECK(problems("daily 07:00-08:00 = -1; else 1.5") ==
        "at character 21: '-1' is no number of pods | a whole number from 0\n"
        "at character 30: '1.5' is no number of pods | a whole number from 0\n");
  CHECK(problems("daily 07:00-08:00 = 99999999999") ==
        "at character 21: '99999999999' is no number of pods | a whole number from 0\n");
  CHECK(problems("daily 07:00-08:00 = 2;") ==
        "at character 23: a rule is missing | such as weekdays 07:00-09:30 = 20\n");
  CHECK(problems("else 3; daily 07:00-08:00 = 2") ==
        "at character 1: else comes last: it is for all other times\n");
  CHECK(problems("else 3") ==
        "at character 1: there is no rule | such as weekdays 07:00-09:30 = 20\n");
  CHECK(problems("daily 07:00-08:00 = 2; else") ==
        "at character 28: a number is missing | a whole number from 0\n");
  CHECK(problems("") == "at character 1: a rule is missing | such as weekdays 07:00-09:30 = 20\n");
  CHECK(problems("daily 00:00-24:00 = 5") ==
        "at character 1: the number is always 5 | --replicas and --min are for one that never "
        "changes\n");
  CHECK(problems("daily 07:00-08:00 = 5; else 5") ==
        "at character 1: the number is always 5 | --replicas and --min are for one that never "
        "changes\n");
}
