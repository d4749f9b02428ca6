"""The words of dates in the languages that `stopwords` knows."""

from __future__ import annotations


def _numbered(*lines: str, first: int) -> dict[str, int]:
    """Words by their number: a line for each number, from `first` on."""
    return {
        word.replace("_", " "): number
        for number, line in enumerate(lines, start=first)
        for word in line.split()
    }


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


MONTHS = _numbered(
    "january jan januar jänner janvier enero gennaio januari janeiro",
    "february feb februar février fevrier febrero febbraio februari fevereiro",
    "march mar märz mars marzo maart março",
    "april apr avril abril aprile",
    "may mai mayo maggio mei maio",
    "june jun juni juin junio giugno junho",
    "july jul juli juillet julio luglio julho",
    "august aug août aout agosto augustus",
    "september sep sept septembre septiembre settembre setembro",
    "october oct oktober okt octobre octubre ottobre outubro",
    "november nov novembre noviembre novembro",
    "december dec dezember dez décembre decembre diciembre dicembre dezembro",
    first=1,
)
WEEKDAYS = _numbered(
    "monday montag lundi lunes lunedì maandag segunda",
    "tuesday dienstag mardi martes martedì dinsdag terça",
    "wednesday mittwoch mercredi miércoles mercoledì woensdag quarta",
    "thursday donnerstag jeudi jueves giovedì donderdag quinta",
    "friday freitag vendredi viernes venerdì vrijdag sexta",
    "saturday samstag sonnabend samedi sábado sabato zaterdag",
    "sunday sonntag dimanche domingo domenica zondag",
    first=0,
)
NUMBERS = _numbered(
    "one a an ein einem einer un une",
    "two zwei deux dos due twee",
    "three drei trois tres tre drie",
    "four vier quatre cuatro quattro",
    "five fünf cinq cinco cinque vijf",
    "six sechs seis sei zes",
    "seven sieben sept siete sette zeven",
    "eight acht huit ocho otto",
    "nine neun neuf nueve nove negen",
    "ten zehn dix diez dieci tien",
    first=1,
)
DAYS_BEFORE = _numbered(
    "today heute aujourd'hui hoy oggi vandaag hoje",
    "yesterday gestern hier ayer ieri gisteren ontem",
    "day_before_yesterday vorgestern avant-hier anteayer eergisteren anteontem",
    first=0,
)
_UNITS = {
    "day": "day days tag tage tagen jour jours día días giorno giorni dag dagen dia dias",
    "week": "week weeks woche wochen semaine semaines semana semanas settimana settimane weken",
    "month": "month months monat monats monate monaten mois mes meses mese mesi maand maanden mês",
    "quarter": "quarter quarters quartal quartals quartale trimestre trimestres kwartaal",
    "year": "year years jahr jahrs jahres jahre jahren an ans année années año años anno anni jaar ano anos",
}
UNITS = {word: unit for unit, line in _UNITS.items() for word in line.split()}

# What "last" and "this" are called before the unit, and after it.
LAST_BEFORE = _words(
    "last past previous letzte letzten letzter letztes vergangene vergangenen vergangener "
    "vergangenes vorige vorigen voriger voriges vorig afgelopen derniers dernières últimos últimas "
    "ultimi ultime"
)
LAST_AFTER = _words(
    "dernier dernière passé passée derniers dernières pasado pasada passado passada scorso scorsa"
)
THIS = _words(
    "this diese diesen dieser dieses diesem cette ce cet esta este questa questo deze dit"
)

# Words before a date, by what they make of it.
_RELATIONS = {
    "within": "in|on|during|from|im|am|vom|en|le|du|au|el|nel|il|op|em|no|au mois de|"
    "in the month of|im monat",
    "since": "since|starting|seit|seit dem|ab|ab dem|depuis|depuis le|à partir de|à partir du|"
    "dès|dès le|desde|desde el|dal|da|sinds|vanaf|onwards from",
    "after": "after|nach|nach dem|après|après le|después de|dopo|na|após|depois de",
    "before": "before|vor|vor dem|avant|avant le|antes de|antes del|prima di|voor|older than",
    "until": "until|till|up to|bis|bis zum|jusqu'en|jusqu'au|jusqu'à|hasta|fino a|tot|até",
}
RELATIONS = {word: name for name, line in _RELATIONS.items() for word in line.split("|")}
SINCE = [word for word, name in RELATIONS.items() if name == "since"]
