"""In the place of what sends files to S3."""
