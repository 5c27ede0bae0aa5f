"""What a specialist sees: one module and one stylesheet a screen, no rule of casework in any."""
