"""What is said in several languages: one Fluent file of words and sentences for each of them."""
