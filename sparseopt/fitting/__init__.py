"""What comes before and after a fit: its shortcuts, sensitivities and uncertainty."""
