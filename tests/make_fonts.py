"""Build the typeface of the site: `python -m tests.make_fonts PACKAGE`.

PACKAGE is the unpacked archive of `npm pack @fontsource-variable/source-serif-4`. The built files
are committed. The licence reserves the name "Source" for the original, so ours have another name.
"""

import io
import sys
from pathlib import Path

from fontTools import subset
from fontTools.merge import Merger
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FONTS = Path(__file__).parent.parent / "psf/static/psf/fonts"
# Weight, and its optical size: titles are large, titles of rows have nearly the size of text.
CUTS = {400: 36, 600: 16}
LATIN = {
    *map(chr, range(0x20, 0x7F)),
    *map(chr, range(0xC0, 0x100)),
    *"\u00a0§«°·»–—‘’‚“”„…€−",
    # Of the Baltic languages, Polish, Croatian and Sámi.
    *"ĀāČčĒēĢģĪīĶķĻļŅņŌōŖŗŠšŪūŽžĄąĘęĖėĮįŲųĆćŁłŃńŚśŹźŻżĐđŊŋ",
}
# Russian, Ukrainian and Belarusian.
CYRILLIC = {*map(chr, range(0x410, 0x450)), *"ЁёЄєІіЇїЎўҐґ№"}
PARTS = {"latin": (LATIN, ["latin", "latin-ext"]), "cyrillic": (CYRILLIC, ["cyrillic"])}


def cut(font: TTFont, letters: set[str], weight: int, size: int, kern: bool) -> io.BytesIO:
    """The letters in one weight and size, without hints."""
    font = instantiateVariableFont(font, {"wght": weight, "opsz": size})
    options = subset.Options(layout_features=["kern"] if kern else [], hinting=False)
    options.drop_tables += ["BASE", "GDEF", "GSUB", "STAT", "gasp"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=map(ord, letters))
    cutter.subset(font)
    for name in font["name"].names:
        name.string = str(name).replace("Source Serif 4", "PSF Serif")
        name.string = str(name).replace("SourceSerif4Roman", "PSFSerif")
    file = io.BytesIO()
    font.save(file)
    file.seek(0)
    return file


def build(package: Path) -> None:
    for weight, size in CUTS.items():
        for part, (letters, names) in PARTS.items():
            files, missing = [], letters
            for name in names:
                path = package / f"files/source-serif-4-{name}-standard-normal.woff2"
                font = TTFont(path)
                found = missing & set(map(chr, font.getBestCmap()))
                missing = missing - found
                # The rarer letters of the second file have pairs only among themselves.
                files.append(cut(font, found, weight, size, kern=not name.endswith("-ext")))
            if missing:
                sys.exit(f"The package has no {' '.join(sorted(missing))}.")
            built = Merger().merge(files)
            built.flavor = "woff2"
            built.save(FONTS / f"{part}-{weight}.woff2")
    copyright_line = TTFont(path)["name"].getDebugName(0)
    licence = (package / "LICENSE").read_text("utf-8").removeprefix("Google Inc.\n")
    (FONTS / "LICENSE").write_text(f"{copyright_line}\n{licence}", "utf-8")


if __name__ == "__main__":
    build(Path(sys.argv[1]))
