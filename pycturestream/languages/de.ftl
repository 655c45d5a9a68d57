# Deutsch. Hauptwörter stehen im Nominativ, eines mit seinem Artikel; $number ist bis zwölf ein Wort.

numbers = keine ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf
prepositions = am an auf außerhalb bei beim draußen drinnen hinter hinterm im in innerhalb ins nahe neben oberhalb rund über um unter unterhalb unterm vor vorm zwischen
articles = der die das den dem ein eine einen einem

unlisted = { $count ->
    [1] „{ $label }“
   *[other] { $number } „{ $label }“
}

join = { $first } und { $second }
list = { $first }, { $second }
group = { $certainty ->
    [unsure] vielleicht { $things } { $where }
   *[sure] { $things } { $where }
}
approaching = { $certainty ->
    [unsure] { $count ->
        [1] vielleicht kommt { $where } { $things } näher
       *[other] vielleicht kommen { $where } { $things } näher
    }
   *[sure] { $count ->
        [1] { $things } { $where } kommt näher
       *[other] { $things } { $where } kommen näher
    }
}
danger-1 = Hinweis: { $what }.
danger-2 = Warnung: { $what }.
danger-3 = Gefahr: { $what }.
nothing = Nichts zu sehen.
dark = Es ist zu dunkel.
blurred = Das Bild ist unscharf.
covered = Die Kamera ist vielleicht verdeckt.
no-picture = Es gibt kein aktuelles Bild.
towards-left = Weiter nach links.
towards-right = Weiter nach rechts.

place-left = links
place-center = in der Mitte
place-right = rechts
place-top = oben
place-top-left = oben links
place-top-center = oben in der Mitte
place-top-right = oben rechts
place-bottom = unten
place-bottom-left = unten links
place-bottom-center = unten in der Mitte
place-bottom-right = unten rechts
place-several = an mehreren Stellen
hour = { $hour ->
    [1] auf ein Uhr
    [2] auf zwei Uhr
    [3] auf drei Uhr
    [9] auf neun Uhr
    [10] auf zehn Uhr
    [11] auf elf Uhr
   *[12] auf zwölf Uhr
}
zone = { $kind ->
    [place] { $name }
   *[plain] { zone-preposition } „{ $name }“
}
zone-preposition = im Bereich

# Gründe von Alarmen.

days = Mo Di Mi Do Fr Sa So
period = zwischen { $from } und { $to } Uhr
period-days = am { $days }
span = { $unit ->
    [s] { $number } s
    [min] { $number } min
    [h] { $number } h
   *[d] { $number } Tagen
}
reason-several-labels = { $things } ({ $labels })
reason-crossed = { $count ->
    [1] überquerte { $lines }
   *[other] überquerten { $lines }
}
reason-line = { $way ->
    [in] die Linie { $line } nach innen
   *[out] die Linie { $line } nach außen
}
reason-dwell = dort seit { $span }
reason-loitering = { $count ->
    [1] hält sich seit { $span } hier auf
   *[other] halten sich seit { $span } hier auf
}
reason-seen-once = gesehen um { $at } Uhr
reason-seen = auf { $frames } Bildern seit { $at } Uhr
reason-score = höchster Wert { $score }
reason-ended = Beendet um { $at } Uhr.
reason-rule-removed = Die Regel wurde entfernt.
reason-offline = Kein Bild seit { $at } Uhr: Die Kamera ist nicht erreichbar.
reason-clock = { $direction ->
    [ahead] Die Uhr der Kamera geht seit { $at } Uhr falsch, mit einem Vorsprung von { $span }.
   *[behind] Die Uhr der Kamera geht seit { $at } Uhr falsch, mit einem Rückstand von { $span }.
}
reason-blurred = Das Bild ist seit { $at } Uhr unscharf: Schärfe { $now }, sonst { $usual }.
reason-moved = Die Kamera zeigt seit { $at } Uhr eine andere Ansicht: Ähnlichkeit mit der gewohnten { $likeness }.
reason-covered = Die Kamera ist seit { $at } Uhr verdeckt: Ähnlichkeit mit der gewohnten Ansicht { $likeness }, Helligkeit { $now }, sonst { $usual }.
reason-unusual = { $how ->
    [quiet] Ungewöhnlich ruhig: { $things } in der Stunde ab { $at } Uhr, sonst { $expected }.
   *[busy] Ungewöhnlich viel los: { $things } in der Stunde ab { $at } Uhr, sonst { $expected }.
}

# Alarme in Nachrichten.

level = { $level ->
    [1] Hinweis
    [2] Warnung
   *[3] Gefahr
}
alert-headline = { $level }: { $what }
alert-title = { $headline }, Kamera { $camera }
alert-what = { $about ->
    [offline] kein Bild
    [clock-wrong] Uhr geht falsch
    [covered] Sicht verdeckt
    [blurred] Bild unscharf
    [moved] andere Ansicht
    [unusually-quiet] ungewöhnlich ruhig
   *[unusually-busy] ungewöhnlich viel los
}
moment = { $date }, { $time } Uhr ({ $zone })
subject-test = Testnachricht: Alarme kommen hier an
subject-digest = { $headline }: { $title }
subject-updated = [jetzt { $headline }] { $title }
subject-ended = [beendet] { $title }
alerts-number = { $number ->
    [one] { $number } Alarm
   *[other] { $number } Alarme
}
alerts-open = { $total ->
    [1] { $number ->
        [0] nicht mehr offen
       *[other] noch offen
    }
   *[other] { $number ->
        [0] keiner mehr offen
       *[other] { $number } noch offen
    }
}
digest-headline = { $alerts }, { $open }
digest-why = { $number ->
    [1] Dieser Alarm kam kurz nach anderen, verspätet oder in Ihren Ruhezeiten.
   *[other] Diese Alarme kamen kurz hintereinander, verspätet oder in Ihren Ruhezeiten. Deshalb stehen sie gesammelt in dieser Nachricht.
}
digest-line = { $alerts } der Regel { $rule }, { $open }
digest-span = vom { $first } bis zum { $last }
digest-more = { $number ->
    [one] Und eine weitere Kamera oder Regel: { $command } zeigt alle.
   *[other] Und { $number } weitere Kameras oder Regeln: { $command } zeigt alle.
}
mail-row = { $name }:
mail-headline-updated = Jetzt: { $headline }
mail-headline-ended = Beendet: { $headline }
mail-lasted = Dauer: { $duration }.
mail-picture = Das Bild, das den Alarm ausgelöst hat
mail-camera = Kamera
mail-site = Standort
mail-rule = Regel
mail-level = Stufe
mail-level-of = { $level } ({ $number } von 3)
mail-since = Beginn
mail-ended = Ende
mail-changed = Letzte Änderung
mail-count = Anzahl
mail-actions = Was Sie tun können:
test-headline = Es funktioniert
test-text = Das ist ein Test. Hier kommen die Alarme Ihrer Kameras an, eine Nachricht für jede Situation.
footer = Gesendet von PyctureStream an { $recipient } am { $at }.
footer-recipients = Die Empfänger legt der Betreiber dieses Systems in recipients.yaml fest.

# Links in E-Mails, und ihre Seiten.

link-acknowledge = Ich kümmere mich darum
link-wrong = Fehlalarm
link-silence = Diese Regel stummschalten
page-acknowledge = Kümmern Sie sich um diesen Alarm?
page-acknowledge-text = Bis zum Ende dieses Alarms erhält niemand weitere Nachrichten darüber. Sie werden als die Person genannt, die sich darum kümmert.
page-acknowledge-button = Ja, ich kümmere mich darum
page-wrong = War das ein Fehlalarm?
page-wrong-text = Niemand erhält weitere Nachrichten über diesen Alarm, und Ihre Antwort hilft, ähnliche Alarme zu vermeiden.
page-wrong-button = Ja, es war ein Fehlalarm
page-silence = Diese Regel für { $duration } stummschalten?
page-silence-text = Für { $duration } erhält niemand Nachrichten über neue Alarme der Regel { $rule } der Kamera { $camera }. Andere Regeln und Kameras sind nicht betroffen.
page-silence-button = Ja, für { $duration } stummschalten
page-raised = Ausgelöst
page-details = Einzelheiten
page-what = Was war es? (freiwillig)
page-close = Wenn Sie diese Seite schließen, geschieht nichts.
page-before = Das hat { $by } bereits am { $at } getan.
page-before-until = Das hat { $by } bereits am { $at } getan, bis zum { $until }.
done-acknowledge = Sie kümmern sich um diesen Alarm
done-acknowledge-text = Bis zu seinem Ende kommen keine weiteren Nachrichten darüber.
done-wrong = Danke: als Fehlalarm vermerkt
done-wrong-text = Es kommen keine weiteren Nachrichten darüber, und er steht in der Liste der Fehlalarme.
done-silence = Die Regel ist stummgeschaltet
done-silence-text = Bis zum { $until } kommen keine Nachrichten über neue Alarme der Regel { $rule } der Kamera { $camera }.
done-close = Sie können diese Seite schließen.
rejected-expired = Dieser Link ist abgelaufen
rejected-invalid = Dieser Link ist ungültig
rejected-failed = Es wurde nichts geändert
rejected-failed-text = Das System kann das im Moment nicht tun. Bitte versuchen Sie es später noch einmal.
rejected-commands = Die Befehle pycturestream alerts ack, false-alarm und silence tun dasselbe.

# Objekte; `object` steht für verschiedene.

label-person = { $count ->
    [1] eine Person
   *[other] { $number } Personen
}
label-bicycle = { $count ->
    [1] ein Fahrrad
   *[other] { $number } Fahrräder
}
label-car = { $count ->
    [1] ein Auto
   *[other] { $number } Autos
}
label-motorcycle = { $count ->
    [1] ein Motorrad
   *[other] { $number } Motorräder
}
label-airplane = { $count ->
    [1] ein Flugzeug
   *[other] { $number } Flugzeuge
}
label-bus = { $count ->
    [1] ein Bus
   *[other] { $number } Busse
}
label-train = { $count ->
    [1] ein Zug
   *[other] { $number } Züge
}
label-truck = { $count ->
    [1] ein Lastwagen
   *[other] { $number } Lastwagen
}
label-boat = { $count ->
    [1] ein Boot
   *[other] { $number } Boote
}
label-traffic-light = { $count ->
    [1] eine Ampel
   *[other] { $number } Ampeln
}
label-fire-hydrant = { $count ->
    [1] ein Hydrant
   *[other] { $number } Hydranten
}
label-stop-sign = { $count ->
    [1] ein Stoppschild
   *[other] { $number } Stoppschilder
}
label-parking-meter = { $count ->
    [1] eine Parkuhr
   *[other] { $number } Parkuhren
}
label-bench = { $count ->
    [1] eine Bank
   *[other] { $number } Bänke
}
label-bird = { $count ->
    [1] ein Vogel
   *[other] { $number } Vögel
}
label-cat = { $count ->
    [1] eine Katze
   *[other] { $number } Katzen
}
label-dog = { $count ->
    [1] ein Hund
   *[other] { $number } Hunde
}
label-horse = { $count ->
    [1] ein Pferd
   *[other] { $number } Pferde
}
label-sheep = { $count ->
    [1] ein Schaf
   *[other] { $number } Schafe
}
label-cow = { $count ->
    [1] eine Kuh
   *[other] { $number } Kühe
}
label-elephant = { $count ->
    [1] ein Elefant
   *[other] { $number } Elefanten
}
label-bear = { $count ->
    [1] ein Bär
   *[other] { $number } Bären
}
label-zebra = { $count ->
    [1] ein Zebra
   *[other] { $number } Zebras
}
label-giraffe = { $count ->
    [1] eine Giraffe
   *[other] { $number } Giraffen
}
label-backpack = { $count ->
    [1] ein Rucksack
   *[other] { $number } Rucksäcke
}
label-umbrella = { $count ->
    [1] ein Regenschirm
   *[other] { $number } Regenschirme
}
label-handbag = { $count ->
    [1] eine Handtasche
   *[other] { $number } Handtaschen
}
label-tie = { $count ->
    [1] eine Krawatte
   *[other] { $number } Krawatten
}
label-suitcase = { $count ->
    [1] ein Koffer
   *[other] { $number } Koffer
}
label-frisbee = { $count ->
    [1] ein Frisbee
   *[other] { $number } Frisbees
}
label-skis = { $count ->
    [1] ein Paar Ski
   *[other] { $number } Paar Ski
}
label-snowboard = { $count ->
    [1] ein Snowboard
   *[other] { $number } Snowboards
}
label-sports-ball = { $count ->
    [1] ein Ball
   *[other] { $number } Bälle
}
label-kite = { $count ->
    [1] ein Drachen
   *[other] { $number } Drachen
}
label-baseball-bat = { $count ->
    [1] ein Baseballschläger
   *[other] { $number } Baseballschläger
}
label-baseball-glove = { $count ->
    [1] ein Baseballhandschuh
   *[other] { $number } Baseballhandschuhe
}
label-skateboard = { $count ->
    [1] ein Skateboard
   *[other] { $number } Skateboards
}
label-surfboard = { $count ->
    [1] ein Surfbrett
   *[other] { $number } Surfbretter
}
label-tennis-racket = { $count ->
    [1] ein Tennisschläger
   *[other] { $number } Tennisschläger
}
label-bottle = { $count ->
    [1] eine Flasche
   *[other] { $number } Flaschen
}
label-wine-glass = { $count ->
    [1] ein Weinglas
   *[other] { $number } Weingläser
}
label-cup = { $count ->
    [1] eine Tasse
   *[other] { $number } Tassen
}
label-fork = { $count ->
    [1] eine Gabel
   *[other] { $number } Gabeln
}
label-knife = { $count ->
    [1] ein Messer
   *[other] { $number } Messer
}
label-spoon = { $count ->
    [1] ein Löffel
   *[other] { $number } Löffel
}
label-bowl = { $count ->
    [1] eine Schüssel
   *[other] { $number } Schüsseln
}
label-banana = { $count ->
    [1] eine Banane
   *[other] { $number } Bananen
}
label-apple = { $count ->
    [1] ein Apfel
   *[other] { $number } Äpfel
}
label-sandwich = { $count ->
    [1] ein Sandwich
   *[other] { $number } Sandwiches
}
label-orange = { $count ->
    [1] eine Orange
   *[other] { $number } Orangen
}
label-broccoli = { $count ->
    [1] ein Brokkoli
   *[other] { $number } Brokkoli
}
label-carrot = { $count ->
    [1] eine Karotte
   *[other] { $number } Karotten
}
label-hot-dog = { $count ->
    [1] ein Hotdog
   *[other] { $number } Hotdogs
}
label-pizza = { $count ->
    [1] eine Pizza
   *[other] { $number } Pizzas
}
label-donut = { $count ->
    [1] ein Donut
   *[other] { $number } Donuts
}
label-cake = { $count ->
    [1] ein Kuchen
   *[other] { $number } Kuchen
}
label-chair = { $count ->
    [1] ein Stuhl
   *[other] { $number } Stühle
}
label-couch = { $count ->
    [1] ein Sofa
   *[other] { $number } Sofas
}
label-potted-plant = { $count ->
    [1] eine Topfpflanze
   *[other] { $number } Topfpflanzen
}
label-bed = { $count ->
    [1] ein Bett
   *[other] { $number } Betten
}
label-dining-table = { $count ->
    [1] ein Tisch
   *[other] { $number } Tische
}
label-toilet = { $count ->
    [1] eine Toilette
   *[other] { $number } Toiletten
}
label-tv = { $count ->
    [1] ein Fernseher
   *[other] { $number } Fernseher
}
label-laptop = { $count ->
    [1] ein Laptop
   *[other] { $number } Laptops
}
label-mouse = { $count ->
    [1] eine Computermaus
   *[other] { $number } Computermäuse
}
label-remote = { $count ->
    [1] eine Fernbedienung
   *[other] { $number } Fernbedienungen
}
label-keyboard = { $count ->
    [1] eine Tastatur
   *[other] { $number } Tastaturen
}
label-cell-phone = { $count ->
    [1] ein Handy
   *[other] { $number } Handys
}
label-microwave = { $count ->
    [1] eine Mikrowelle
   *[other] { $number } Mikrowellen
}
label-oven = { $count ->
    [1] ein Backofen
   *[other] { $number } Backöfen
}
label-toaster = { $count ->
    [1] ein Toaster
   *[other] { $number } Toaster
}
label-sink = { $count ->
    [1] ein Waschbecken
   *[other] { $number } Waschbecken
}
label-refrigerator = { $count ->
    [1] ein Kühlschrank
   *[other] { $number } Kühlschränke
}
label-book = { $count ->
    [1] ein Buch
   *[other] { $number } Bücher
}
label-clock = { $count ->
    [1] eine Uhr
   *[other] { $number } Uhren
}
label-vase = { $count ->
    [1] eine Vase
   *[other] { $number } Vasen
}
label-scissors = { $count ->
    [1] eine Schere
   *[other] { $number } Scheren
}
label-teddy-bear = { $count ->
    [1] ein Teddybär
   *[other] { $number } Teddybären
}
label-hair-drier = { $count ->
    [1] ein Föhn
   *[other] { $number } Föhne
}
label-toothbrush = { $count ->
    [1] eine Zahnbürste
   *[other] { $number } Zahnbürsten
}
label-face = { $count ->
    [1] ein Gesicht
   *[other] { $number } Gesichter
}
label-object = { $count ->
    [1] ein Objekt
   *[other] { $number } Objekte
}
