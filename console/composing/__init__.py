"""What actions ask for and what the answers make: forms, decisions, responses. No Textual."""
