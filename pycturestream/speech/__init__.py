"""Speech: text to sound, by a voice that the computer has, and sound to a loudspeaker or a file."""
