"""The chatbot of template.yaml, on the laptop."""
