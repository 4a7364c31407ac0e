"""Makes small datasets that can be learned: python data.py FOLDER"""

import csv
import pathlib
import random
import sys

from PIL import Image, ImageDraw

folder = pathlib.Path(sys.argv[1]) / "data"
random.seed(1)


def draw(kind):
    image = Image.new("RGB", (32, 32), tuple(random.randint(180, 255) for _ in range(3)))
    x, y, width = random.randint(2, 8), random.randint(2, 8), random.randint(14, 20)
    colour = tuple(random.randint(0, 120) for _ in range(3))
    shape = ImageDraw.Draw(image)
    if kind == "circle":
        shape.ellipse([x, y, x + width, y + width], fill=colour)
    elif kind == "square":
        shape.rectangle([x, y, x + width, y + width], fill=colour)
    else:
        shape.polygon([(x, y + width), (x + width, y + width), (x + width // 2, y)], fill=colour)
    return image


def pictures(name, count):
    for kind in ("circle", "square", "triangle"):
        target = folder / name / "train" / kind
        target.mkdir(parents=True)
        for number in range(count):
            draw(kind).save(target / f"{number:03d}.png")


def table(name, head, rows):
    target = folder / name
    target.mkdir(parents=True)
    with open(target / "train.csv", "w", newline="") as file:
        csv.writer(file).writerows([head, *rows])


def sentence(label):
    feeling = "great i love it" if label == "good" else "awful i hate it"
    return f"the movie was {feeling} {random.choice('xyz')}"


def reviews(count, labels=("good", "bad")):
    return [(sentence(label), label) for label in (labels * count)[:count]]


pictures("images", 20)
pictures("images-truncated", 10)
broken = folder / "images-truncated/train/square/003.png"
broken.write_bytes(broken.read_bytes()[:100])
table("text", ["text", "target"], reviews(60))
table("text-one-class", ["text", "target"], reviews(40, ("good",)))
tagged = [sentence(label).split() for _, label in reviews(40)]
opinions = ("great", "awful")
table(
    "tokens",
    ["tokens", "tags"],
    [(str(words), str(["ADJ" if word in opinions else "O" for word in words])) for words in tagged],
)
