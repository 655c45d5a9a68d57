"""The pure core of PyctureStream: what a frame, track, count, threat and sentence are.

Plain Python over plain values. Nothing here imports Flink, Kafka, Redis, OpenCV or TensorFlow
(`tests/unit/test_architecture.py` holds that), so that all of it can be run and simulated
anywhere.
"""
