"""Data quality by "đúng · đủ · sạch · sống": findings, then scores."""
