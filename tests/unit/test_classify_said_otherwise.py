"""Arabic said otherwise: spoken words for deeds, headlines without a title field, figures of speech, small tags."""

import pytest

from agents.classify import Classifier
from schemas.kinds import Party
from tests.unit.test_classify_lexicon import report

CLASSIFIER = Classifier.default()


@pytest.mark.parametrize(
    ("text", "sub_event"),
    [
        ("خدو الشب من قدام بيته وما حدا بيعرف وين", "Abduction/forced disappearance"),  # they took the lad
        ("صاير ضرب بين العشيرتين والطريق مقطوع", "Armed clash"),  # shooting between the two clans
        ("المضادات تتصدى لأهداف معادية فوق المطار", "Disrupted weapons use"),  # hostile targets above the airport
        ("قذائف على حي سكني", "Shelling/artillery/missile attack"),  # shells on a quarter
        ("إحباط مخطط إرهابي وتوقيف خلية", "Disrupted weapons use"),  # a plot foiled
        ("مسلحون قتلوا فلاحين ونهبوا الماشية", "Attack"),  # killed farmers and stole the cattle
        ("اعتداء بسكين على مارة وإصابة رجل", "Attack"),  # passers-by attacked with a knife
        ("إصابة شرطي برصاص مسلحين قرب الحاجز", "Armed clash"),  # a policeman wounded by gunmen
        ("شبان يحرقون الإطارات ويرشقون الشرطة بالحجارة", "Violent demonstration"),  # youths burn tyres
        ("وقفة لأهالي المعتقلين أمام المحافظة", "Peaceful protest"),  # relatives of detainees: nobody was arrested
        ("إعلان الطوارئ في الولاية", "Change to group/activity"),  # emergency declared
        ("أجو ملثمين أخدو الصيدلاني من محله وما رجع", "Abduction/forced disappearance"),  # masked men took him
        ("الأمن مداهم الحي ولامم شباب كتير", "Arrests"),  # they search the quarter and round up lads
        ("رشقة صاروخية باتجاه الشمال", "Shelling/artillery/missile attack"),  # a volley of rockets
        ("أهالي ينهالون بالضرب على سارق حتى الموت", "Mob violence"),  # people beat a thief to death
        ("واحد فجر روحه بالسوق والإسعافات تنقل الضحايا", "Suicide bomb"),  # one blew himself up
        ("سبعة سجناء يفرون من سجن المحافظة", "Other"),  # seven prisoners escape
        ("المنظمة تدين مقتل أربعة من عمالها في هجوم أمس", "Attack"),  # condemns the killing of four
        ("العثور على جثة رجل مكبلة اليدين", "Attack"),  # a body with bound hands
        ("ارتفاع عدد شهداء حادث المسجد إلى 12", "Attack"),  # the dead of the mosque incident are 12 now
        ("هجوم على مسجد يوقع تسعة قتلى", "Attack"),  # an attack on a mosque
        ("اصطلحوا القبيلتين بعد أيام من القتال", "Agreement"),  # the two tribes made peace
    ],
)
def test_kinds_said_otherwise(text: str, sub_event: str) -> None:
    sighting = CLASSIFIER.classify(report(text))
    assert (sighting.relevant, sighting.acled_sub_event_type) == (True, sub_event)


@pytest.mark.parametrize(
    "text",
    [
        "ريال مدريد يدك شباك ضيفه بخماسية",  # a football club pounds its guest's net
        "قنبلة الموسم: النجم يرحل",  # the bombshell of the season
        "معركة الرغيف في العاصمة",  # the battle for bread
        "السجن المؤبد لقاتل السفير",  # life imprisonment for the ambassador's killer
        "صواعق تقتل رعاة في الجبال",  # lightning kills herders
        "هجوم أسماك القرش على شاطئ",  # sharks attack
        "السجن 15 عاما لمدان بهجوم الملهى",  # 15 years in prison for the attack on the club
        "زلزال يخلف قتلى وجرحى في الجبال",  # an earthquake
        "الزحمة تقتلنا كل يوم على الجسر",  # the traffic kills us
        "فيلم «القصف» يفوز بجائزة المهرجان",  # a film called "The Bombing"
        "النيابة تحيل منفذي التفجير إلى محكمة الجنايات",  # the bombers are sent to court
    ],
)
def test_attack_words_of_other_matters(text: str) -> None:
    assert not CLASSIFIER.classify(report(text)).relevant


def figures(text: str) -> list[tuple[str, int | None, Party]]:
    return [(t.kind.value, t.low, t.party) for t in CLASSIFIER.classify(report(text)).tolls if t.of_which is None]


@pytest.mark.parametrize(
    ("text", "killed"),
    [
        ("مقتل أم لخمسة أطفال بغارة", 1),  # a mother of five: her children are not the dead
        ("خمسة مسلحين قتلوا ثلاثة مدنيين", 3),  # five gunmen killed three civilians
        ("خمسة جنود يقتلون في كمين", 5),  # five soldiers are killed in an ambush
        ("قضى رجل وزوجته وابنتاهما بقصف على منزلهم", 4),  # a man, his wife and their two daughters
        ("توفي أحد جرحى الغارة لترتفع الحصيلة إلى ستة", 6),  # one of the wounded died: six in all, not seven
        ("قتل ثلاثة مدنيين اليوم ليرتفع عدد القتلى منذ مطلع العام إلى 212", 3),  # 212 since the year began
        ("مقتل ستة جنود، وكان 14 آخرون قتلوا في هجوم مماثل الشهر الماضي", 6),  # 14 in another attack last month
    ],
)
def test_the_dead_of_this_deed(text: str, killed: int) -> None:
    assert sum(low or 0 for kind, low, _ in figures(text) if kind == "killed") == killed


def test_two_of_them_attackers() -> None:
    found = CLASSIFIER.classify(report("مقتل خمسة أشخاص اثنان منهم مهاجمون في هجوم على نقطة للشرطة")).tolls
    # five people killed, two of them attackers
    assert [(t.low, t.party, t.of_which) for t in found] == [(5, Party.UNKNOWN, None), (2, Party.PERPETRATORS, 0)]


def test_the_home_of_a_foreigner_is_not_where_he_struck() -> None:
    text = "انتحاري فجر نفسه في سوق في درنة، والانتحاري تونسي من القيروان"
    # a bomber blew himself up in a market in Derna; he is a Tunisian from Kairouan
    place = CLASSIFIER.classify(report(text)).place
    assert place is not None
    assert "القيروان" not in place.name
