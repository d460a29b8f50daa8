"""What browsers are told, as text messages."""
