"""Mô hình mẫu của nhà nghiên cứu: xu thế bình quân trượt, khoảng dự báo lấy từ sai số của chính chuỗi.

Hợp đồng: fit_predict(y, horizon, levels) nhận một chuỗi (các kỳ, cũ trước mới sau), số kỳ dự báo và các xác suất; trả về mảng
(horizon, số xác suất) các phân vị.
"""

import numpy as np


def fit_predict(y, horizon, levels, window=5):
    """Giữ nhịp bình quân của ``window`` kỳ gần nhất; sai số một kỳ được nới theo căn bậc hai của số kỳ."""
    changes = np.diff(y)
    pace = changes[-window:].mean()
    steps = np.arange(1, horizon + 1)
    spread = np.quantile(changes - changes.mean(), levels)
    return y[-1] + pace * steps[:, None] + spread * np.sqrt(steps)[:, None]


class GiuNguyen:
    """Mô hình viết thành lớp: giữ nguyên giá trị cuối, khoảng dự báo theo độ lệch của thay đổi."""

    def __init__(self, scale=1.0):
        self.scale = scale

    def fit_predict(self, y, horizon, levels):
        """Trả về phân vị quanh giá trị cuối."""
        steps = np.sqrt(np.arange(1, horizon + 1))[:, None]
        return y[-1] + self.scale * steps * np.quantile(np.diff(y), levels)
