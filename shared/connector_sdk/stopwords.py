"""Function and question words by language: what a question holds besides what it asks about.

Short on purpose: lists made for text mining drop words like "system", "date" or "problem", which
are the very thing that people search for at work.
"""

from __future__ import annotations

import re

ENGLISH = """
a about after all also am an and any anybody anyone anything are aren as at be because been
before being but by can could did didn do does doesn doing don done during either every few find
for from get give had has have having he her here hers him his how i if in into is isn it its
just let like ll many may me might mine more most much must my no nor not of on one only or
other our ours out over please re said same say says shall she should show since so some
something such tell than that the their theirs them then there there's these they this those to
too under until up us ve very was wasn we were weren what when where whether which while who
whom whose why will with won would you your yours
"""
GERMAN = """
aber alle allem allen aller alles als also am an auch auf aus bei beim bin bis bist bitte da
damit dann das dass dein deine dem den denn der des dich die dies diese diesem diesen dieser
dieses dir doch du durch ein eine einem einen einer eines er es etwas euch euer für gegen gibt
gibts habe haben hat hatte hatten ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ins ist ja
jede jeder jedes kann kein keine können man mehr mein meine mich mir mit muss müssen nach nicht
noch nun nur ob oder ohne sehr sein seine seinem seinen seiner sich sie sind so soll sollen tun
über um und uns unser unsere unter viel viele vielen vom von vor wann war waren warum was weil
welche welchem welchen welcher welches wenn wer werden wie wieso wieviel will wir wird wo wohin
wurde wurden zeig zu zum zur zwischen
"""
FRENCH = """
à ai au aucun aussi aux avec avez avoir avons c ce ceci cela ces cet cette ceux chez combien
comme comment d dans de des donc du elle elles en entre est et été être eu eus eux faire fait il
ils j je l la le les leur leurs lui m ma mais me mes moi mon n ne nos notre nous on ont ou où
par pas peut plus pour pourquoi qu quand que quel quelle quelles quels qui quoi s sa sans se
sera ses si son sont sous sur t ta te tes toi ton tous tout toute toutes tu un une va vos votre
vous y
"""
SPANISH = """
a al algo ante como cómo con contra cual cuál cuáles cuando cuándo cuánto cuántos de del desde
donde dónde dos e el él ella ellas ellos en entre era es esa ese eso esta está están este esto
estos fue ha hace han hasta hay la las le les lo los más me mi mis mucho muy nada ni no nos
nosotros o os otra otro para pero por porque qué que quien quién se sea ser si sí sin sobre son
su sus también tan te tiene tienen todo todos tu tus un una uno unos y ya yo
"""
ITALIAN = """
a ad agli ai al alla alle anche che chi ci come con cosa cui da dagli dai dal dalla dei del
della delle di dove e è ed gli ha hanno ho i il in io la le lei li lo loro lui ma mi mio ne nei
nel nella noi non o per perché più quale quali quando quanto quella quello questa questo qui se
si sia sono su sua sue sugli sul sulla suo tra tu tutti tutto un una uno vi voi
"""
DUTCH = """
aan al als bij dan dat de den der deze die dit door een en er gaan had heb hebben heeft hem het
hier hij hoe hoeveel hun ik in is je jij jullie kan kunnen maar me mee meer met mij mijn moet na
naar niet nog nu of om onder ons onze ook op over te tegen tot u uit uw van veel voor waar
waarom wanneer want was wat we wel welk welke werd wie wij worden wordt zal ze zich zij zijn zo
zou
"""
PORTUGUESE = """
a ao aos as até com como da das de dela dele do dos e é ela elas ele eles em entre era essa esse
esta está este eu foi há isso isto já lhe mais mas me meu minha muito na nas nem no nos nós o
onde os ou para pela pelo por porque qual quais quando quanto que quem são se sem ser seu seus
só sobre sua suas também te tem tudo um uma você
"""

LANGUAGES = {
    name: frozenset(words.split())
    for name, words in {
        "en": ENGLISH,
        "de": GERMAN,
        "fr": FRENCH,
        "es": SPANISH,
        "it": ITALIAN,
        "nl": DUTCH,
        "pt": PORTUGUESE,
    }.items()
}

# What a language does not share with the others here: letters, endings, an article before a noun.
SIGNS = {
    name: re.compile(pattern)
    for name, pattern in {
        "en": r"(?i:\w{2}ing\b|\w{3}(?:ness|ship|ful|less)\b|\w\w[’']s\b)",
        "de": r"[äüß]|(?:ung|heit|keit|schaft)(?:en|s)?\b|\b(?:die|der|das|den|dem) [A-ZÄÖÜ]",
        "fr": r"(?i:[œèêùû]|\b(?:l|d|qu|n|j|s|c)[’'](?=\w)|\w-t-\w|eaux?\b| \?$)",
        "es": r"(?i:[ñ¿¡]|ción\b|dades\b)",
        "it": r"(?i:[òì]|zion[ei]\b|\b(?:dell|all|nell|sull)[’'])",
        "nl": r"(?i:\w(?:ij|aa|uu)\w|heid\b|lijke?\b)",
        "pt": r"(?i:[ãõ]|ção\b|ções\b)",
    }.items()
}
