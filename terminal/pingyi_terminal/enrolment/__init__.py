"""The first screen of every terminal: a card is scanned or its digits are typed, and the terminal enrols itself."""
