"""The rules, pure: plain values in, plain values out; no AWS, no environment, no clock."""
