"""What a user of Ultralytics writes to find the objects in one picture."""
import sys

from ultralytics import YOLO

result = YOLO(sys.argv[1]).predict(sys.argv[2], imgsz=640, nms=False, device="cpu", verbose=False)[0]
print(f"Detected {len(result.boxes)} objects in the frame.", flush=True)
