"""Labels a scan of KITTI and writes a .label file: label.py MODEL SCAN.bin OUT.label"""

import sys

import denju
import numpy as np

model = denju.Model(sys.argv[1])
scan = np.fromfile(sys.argv[2], dtype="<f4").reshape(-1, 4)
labels = model(scan[:, :3], intensity=scan[:, 3])
model.numbers[labels].astype("<u4").tofile(sys.argv[3])
