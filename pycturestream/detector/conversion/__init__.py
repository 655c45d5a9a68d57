"""Conversion of published models into the SavedModels that the detector runs."""
