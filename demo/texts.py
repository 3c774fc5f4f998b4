"""The demo's general terms: our own short wording of the operator's rules, one version."""
from __future__ import annotations

TERMS_VERSION = "demo-2026-1"

TERMS_SL = """Splošni pogoji dostave jeklenk na dom (predstavitvena različica)

1. Ponudnik je Butan plin, d.d., Verovškova 64a, 1000 Ljubljana, matična številka 5094933000, davčna številka SI32952902, brezplačni telefon 080 2005, info@butanplin.si.
2. Naročite lahko na spletni strani ali po telefonu. Cena plina je cena po ceniku, ki velja ob naročilu. Dostava je brezplačna, cene vključujejo DDV.
3. V Ljubljani dostavimo v 1 uri, najkasneje v 2 urah; razlog za čas nad 1 uro navedemo. Drugod po Sloveniji dostavimo po dogovoru in planu dostave.
4. Zelena jeklenka je last podjetja. Zanjo plačate kavcijo 10 EUR; ob vračilu brez menjave vam jo brezobrestno izplačamo. Ob menjavi oddate prazno nepoškodovano Zeleno jeklenko in prevzamete polno.
5. Če oddate oranžno 10 kg jeklenko, jo odkupimo za 3 EUR, ki jih zadržimo kot del kavcije; doplačate 7 EUR.
6. Plačate z gotovino ali kartico ob dostavi ali prek e-banke en dan pred želenim dnem dostave. Kavcijo plačate v gotovini.
7. Promocijska koda velja enkrat in v navedenem času. V enem naročilu velja ena ugodnost, za plačilo plina mora ostati vsaj 1 EUR.
8. Od nakupa lahko odstopite v 8 dneh od prevzema, brez navedbe razloga, na 080 2005, info@butanplin.si ali na strani naročila. Jeklenko brezplačno prevzamemo na območju dostave. Odstop ni mogoč, če je varnostna folija na ventilu odstranjena. Predložite račun. Denar vrnemo na način, na katerega ste plačali, na račun najkasneje v 30 dneh.
9. Očitno napako sporočite v 8 dneh od prevzema, skrito v 8 dneh od dneva, ko ste jo opazili, najkasneje v 6 mesecih. Voznik izpolni zapisnik, jeklenko preizkusi tehnični sektor.
10. Pritožbo oddate na info@butanplin.si; postopek je zaupen.
"""

TERMS_EN = """General terms of home delivery of cylinders (demonstration version)

1. The provider is Butan plin, d.d., Verovškova 64a, 1000 Ljubljana, registration number 5094933000, VAT number SI32952902, free phone 080 2005, info@butanplin.si.
2. You order on the web site or by phone. The gas price is the one of the price list valid when you order. Delivery is free, prices include VAT.
3. In Ljubljana we deliver within 1 hour, at most 2 hours; we say why when it takes longer than 1 hour. Elsewhere in Slovenia we deliver by agreement and by the delivery plan.
4. The Green cylinder belongs to the company. You pay a deposit of 10 EUR for it; we repay it without interest when you return the cylinder without an exchange. In an exchange you hand over an empty undamaged Green cylinder and take a full one.
5. If you hand over an orange 10 kg cylinder, we buy it for 3 EUR, which we keep as a part of the deposit; you pay 7 EUR.
6. You pay in cash or by card at delivery, or by e-bank one day before the wanted day. The deposit is paid in cash.
7. A promo code is valid once and within its time. One order takes one benefit, and at least 1 EUR of the gas must be left to pay.
8. You may withdraw within 8 days of taking delivery, without giving a reason, on 080 2005, by info@butanplin.si or on the page of your order. We fetch the cylinder free of charge in the delivery area. Withdrawal is not possible once the safety foil on the valve has been removed. Present the invoice. We return the money in the way you paid, to an account within 30 days at the latest.
9. Tell us of an obvious defect within 8 days of taking delivery, of a hidden one within 8 days of noticing it, at most within 6 months. The driver fills in a record and the technical sector tests the cylinder.
10. Send a grievance to info@butanplin.si; it is handled in confidence.
"""
