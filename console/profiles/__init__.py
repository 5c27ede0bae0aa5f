"""A person's profiles: made, opened, examined and destroyed; with the secrets that open them."""
