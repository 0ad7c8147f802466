"""Exercise 4.1-order."""

CORRECT: dict[str, str] = {
    "network first": 'order = "G D B F C H A"',
    "test scores early": 'order = "D G B H F C A"',
    "test scores between": 'order = "GDBFHCA"',
    "list": 'order = ["D", "G", "B", "H", "F", "C", "A"]',
    "small letters": 'order = ("d", "g", "b", "f", "h", "c", "a")',
    "commas": 'order = "D, G, B, F, C, H, A"',
}
WRONG: dict[str, tuple[str, str]] = {
    "leak instead": ('order = "D G B H E A"', "the very samples"),
    "leak as well": ('order = "D G B F C H E A"', "that it then judges"),
    "scores before learning": ('order = "D G F C B H A"', "learned nothing yet"),
    "test scores before learning": ('order = "D G H B F C A"', "Line H takes scores"),
    "never learns": ('order = "D G F C H A"', "Python would not complain"),
    "threshold before scores": ('order = "D G B C F H A"', "Line C uses `calibration_scores`"),
    "decides too early": ('order = "D G B F C A H"', "Line A uses `test_scores`"),
    "decides without threshold": ('order = "D G B H A"', "Line A uses `threshold`"),
    "backwards": ('order = "A H C F B G D"', "before it makes that"),
    "no network": ('order = "D B F C H A"', "Line B uses `network`"),
    "no data": ('order = "G B F C H A"', "Line B uses `split`"),
    "no decision": ('order = "D G B F C H"', "What is still missing"),
    "twice": ('order = "D G D B F C H A"', "Line D stands in your order more than once"),
    "unknown letter": ('order = "D G B F C H A X"', "no line 'X'"),
    "numbers as text": ('order = "4 7 2 6 3 8 1"', "The lines are A to H"),
    "numbers": ("order = [4, 7, 2, 6, 3, 8, 1]", "Every line has a letter"),
    "a set": ('order = {"D", "G", "B", "F", "C", "H", "A"}', "the type set"),
}
