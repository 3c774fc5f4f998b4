"""Invented people of the demo. Numbers are of the ranges that Slovene operators use, but made up."""
from __future__ import annotations

from core.roles import Role

PASSWORD = "Plin-2026"

STAFF: tuple[tuple[str, str, Role], ...] = (
    ("agent@plin.test", "Ana Agent", Role.AGENT),
    ("dispecer@plin.test", "Damjan Dispečer", Role.DISPATCHER),
    ("finance@plin.test", "Fani Finance", Role.FINANCE),
    ("trzenje@plin.test", "Tina Trženje", Role.MARKETING),
    ("tehnika@plin.test", "Tone Tehnik", Role.TECHNICAL),
    ("okence@plin.test", "Olga Okence", Role.COUNTER),
    ("voznik@plin.test", "Vid Voznik", Role.DRIVER),
    ("revizor@plin.test", "Rok Revizor", Role.AUDITOR),
    ("admin@plin.test", "Alja Administrator", Role.ADMINISTRATOR),
)

DRIVERS: tuple[tuple[str, str], ...] = (
    ("Luka Kovač", "+38641700101"), ("Miha Zupan", "+38641700102"), ("Žan Potočnik", "+38641700103"),
    ("Matej Kos", "+38641700104"), ("Jure Bizjak", "+38641700105"), ("Tadej Čeh", "+38641700106"),
    ("Boris Golob", "+38641700107"), ("Simon Hribar", "+38641700108"), ("Uroš Šuštar", "+38641700109"),
    ("Gregor Jerman", "+38641700110"), ("Peter Žnidar", "+38641700111"), ("Andrej Mlakar", "+38641700112"),
)

CUSTOMERS: tuple[tuple[str, str], ...] = (
    ("Janez Novak", "+38640300201"), ("Marija Horvat", "+38640300202"), ("Franc Krajnc", "+38640300203"),
    ("Irena Zupančič", "+38640300204"), ("Marko Žagar", "+38640300205"), ("Nataša Vidmar", "+38640300206"),
    ("Stanislav Golob", "+38640300207"), ("Helena Turk", "+38640300208"), ("Igor Božič", "+38640300209"),
    ("Mojca Kralj", "+38640300210"), ("Jožef Čeh", "+38640300211"), ("Petra Rozman", "+38640300212"),
    ("Alojz Kavčič", "+38640300213"), ("Sonja Hočevar", "+38640300214"), ("Bojan Lah", "+38640300215"),
    ("Vesna Petek", "+38640300216"), ("Rajko Šuštaršič", "+38640300217"), ("Tatjana Oblak", "+38640300218"),
    ("Damir Erjavec", "+38640300219"), ("Nina Jereb", "+38640300220"), ("Zvonko Mrak", "+38640300221"),
    ("Karmen Pirc", "+38640300222"), ("Slavko Bregar", "+38640300223"), ("Urška Mihelič", "+38640300224"),
    ("Ivan Debeljak", "+38612345678"), ("Milena Lampe", "+38640300226"), ("Drago Zajc", "+38640300227"),
    ("Silva Korošec", "+38640300228"), ("Anton Jenko", "+38640300229"), ("Metka Pavlin", "+38640300230"),
    ("Roman Žibert", "+38640300231"), ("Breda Cerar", "+38640300232"), ("Viktor Šinkovec", "+38640300233"),
    ("Darja Kobal", "+38640300234"),
)
