"""Exercise 4.2-step."""

CORRECT: dict[str, str] = {
    "cleans first": 'step = "G D B E I C A F"',
    "cleans in between": 'step = "DBGEICAF"',
    "cleans after the loss": 'step = ["D", "B", "E", "I", "C", "G", "A", "F"]',
    "cleans at the end": 'step = "D, B, E, I, C, A, F, G"',
    "small letters": 'step = ("d", "b", "e", "g", "i", "c", "a", "f")',
}
WRONG: dict[str, tuple[str, str]] = {
    "z from the prior": ('step = "D H E I C G A F"', "without a look at x"),
    "z from both": ('step = "D B H E I C G A F"', "the later one wins"),
    "cleans too late": ('step = "D B E I C A G F"', "throws the gradients away"),
    "never cleans": ('step = "D B E I C A F"', "PyTorch adds every new gradient"),
    "steps before the gradients": ('step = "G D B E I C F A"', "In which direction"),
    "no gradients": ('step = "G D B E I C F"', "no gradient of this batch"),
    "no step": ('step = "G D B E I C A"', "the weights are what they were"),
    "samples before encoding": ('step = "G B D E I C A F"', "Line B uses `mu, logvar`"),
    "decodes before sampling": ('step = "G D E B I C A F"', "Line E uses `z`"),
    "error before the picture": ('step = "G D B I E C A F"', "Line I uses `x_hat`"),
    "loss before the error": ('step = "G D B E C I A F"', "Line C uses `error`"),
    "gradients of nothing": ('step = "G A D B E I C F"', "Line A uses `loss`"),
    "backwards": ('step = "F A C I E B D G"', "Line F moves the weights"),
    "no encoder": ('step = "G B E I C A F"', "as Python does"),
    "twice": ('step = "G D B E I C A F G"', "Line G stands in your order more than once"),
    "unknown letter": ('step = "G D B E I C A F Z"', "no line 'Z'"),
    "numbers as text": ('step = "7 4 2 5 9 3 1 6"', "The lines are A to I"),
    "numbers": ("step = [7, 4, 2, 5, 9, 3, 1, 6]", "Every line has a letter"),
    "a set": ('step = {"D", "B", "E", "I", "C", "G", "A", "F"}', "the type set"),
}
