"""Engineering design and operation: process, water, energy and structures."""
