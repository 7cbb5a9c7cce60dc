"""An invented scanner that speaks clamd's protocol and knows one signature. It protects from nothing."""
