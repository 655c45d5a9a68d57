# English. Message names are those of every language; a test compares the files.
# Nouns stand alone, with their article where there is one of them; $number is a word up to twelve.

numbers = no one two three four five six seven eight nine ten eleven twelve
prepositions = above across along around at before behind below beside between by in inside near next on opposite outside over under within
articles = a an the

unlisted = { $count ->
    [1] { $article ->
        [an] an { $label }
        [none] { $label }
       *[a] a { $label }
    }
   *[other] { $number } { $plural }
}

join = { $first } and { $second }
list = { $first }, { $second }
group = { $certainty ->
    [unsure] perhaps { $things } { $where }
   *[sure] { $things } { $where }
}
approaching = { $certainty ->
    [unsure] perhaps { $things }, coming closer, { $where }
   *[sure] { $things }, coming closer, { $where }
}
danger-1 = Notice: { $what }.
danger-2 = Warning: { $what }.
danger-3 = Danger: { $what }.
nothing = Nothing in view.
dark = It is too dark to see.
blurred = The picture is blurred.
covered = The camera may be covered.
no-picture = There is no recent picture.
towards-left = More to the left.
towards-right = More to the right.

place-left = on the left
place-center = in the center
place-right = on the right
place-top = at the top
place-top-left = at the top left
place-top-center = at the top center
place-top-right = at the top right
place-bottom = at the bottom
place-bottom-left = at the bottom left
place-bottom-center = at the bottom center
place-bottom-right = at the bottom right
place-several = in several places
hour = { $hour ->
    [1] at one o'clock
    [2] at two o'clock
    [3] at three o'clock
    [9] at nine o'clock
    [10] at ten o'clock
    [11] at eleven o'clock
   *[12] at twelve o'clock
}
zone = { $kind ->
    [place] { $name }
    [named] in { $name }
    [article] { zone-preposition } { $name }
   *[plain] { zone-preposition } the { $name }
}
zone-preposition = { $last ->
    [balcony] on
    [beach] on
    [bridge] on
    [corner] at
    [counter] at
    [crossing] at
    [desk] at
    [door] at
    [entrance] at
    [exit] at
    [footpath] on
    [gate] at
    [grass] on
    [lawn] on
    [path] on
    [pavement] on
    [platform] on
    [ramp] on
    [road] on
    [roadside] at
    [roof] on
    [sidewalk] on
    [stairs] on
    [steps] on
    [street] on
    [terrace] on
    [track] on
    [window] at
   *[other] in
}

# Reasons of alerts.

days = Mon Tue Wed Thu Fri Sat Sun
period = between { $from } and { $to }
period-days = on { $days }
span = { $unit ->
    [s] { $number } s
    [min] { $number } min
    [h] { $number } h
   *[d] { $number } d
}
reason-several-labels = { $things } ({ $labels })
reason-crossed = crossed { $lines }
reason-line = { $way ->
    [in] the line { $line } inwards
   *[out] the line { $line } outwards
}
reason-dwell = there for { $span }
reason-loitering = loitering for { $span }
reason-seen-once = seen at { $at }
reason-seen = seen in { $frames } pictures since { $at }
reason-score = highest score { $score }
reason-ended = Ended at { $at }.
reason-rule-removed = Its rule was removed.
reason-offline = No picture since { $at }: the camera is offline.
reason-clock = The camera's clock has been wrong since { $at }: { $direction ->
    [ahead] { $span } ahead.
   *[behind] { $span } behind.
}
reason-blurred = The picture has been blurred since { $at }: sharpness { $now }, usually { $usual }.
reason-moved = The camera has shown a different view since { $at }: likeness to the usual view { $likeness }.
reason-covered = The camera has been covered since { $at }: likeness to the usual view { $likeness }, brightness { $now }, usually { $usual }.
reason-unusual = { $how ->
    [quiet] Unusually quiet: { $things } in the hour from { $at }, usually { $expected }.
   *[busy] Unusually busy: { $things } in the hour from { $at }, usually { $expected }.
}

# Alerts in messages.

level = { $level ->
    [1] Notice
    [2] Warning
   *[3] Danger
}
alert-headline = { $level }: { $what }
alert-title = { $headline }, camera { $camera }
alert-what = { $about ->
    [offline] no picture
    [clock-wrong] wrong clock
    [covered] view covered
    [blurred] blurred picture
    [moved] different view
    [unusually-quiet] unusually quiet
   *[unusually-busy] unusually busy
}
moment = { $date }, { $time } ({ $zone })
subject-test = Test message: alerts will arrive here
subject-digest = { $headline }: { $title }
subject-updated = [now { $headline }] { $title }
subject-ended = [ended] { $title }
alerts-number = { $number ->
    [one] { $number } alert
   *[other] { $number } alerts
}
alerts-open = { $total ->
    [1] { $number ->
        [0] no longer open
       *[other] still open
    }
   *[other] { $number ->
        [0] none still open
       *[other] { $number } still open
    }
}
digest-headline = { $alerts }, { $open }
digest-why = { $number ->
    [1] This alert came soon after others, arrived late, or fell in your quiet hours.
   *[other] These alerts came in quick succession, arrived late, or fell in your quiet hours, so they are grouped in this message.
}
digest-line = { $alerts } from rule { $rule }, { $open }
digest-span = from { $first } to { $last }
digest-more = { $number ->
    [one] And one more camera or rule: { $command } lists all.
   *[other] And { $number } more cameras or rules: { $command } lists all.
}
mail-row = { $name }:
mail-headline-updated = Now: { $headline }
mail-headline-ended = Ended: { $headline }
mail-lasted = Ended after { $duration }.
mail-picture = The picture that raised the alert
mail-camera = Camera
mail-site = Site
mail-rule = Rule
mail-level = Level
mail-level-of = { $level } ({ $number } of 3)
mail-since = Since
mail-ended = Ended
mail-changed = Last change
mail-count = Count
mail-actions = What you can do:
test-headline = It works
test-text = This is a test. Alerts of your cameras will arrive here, one message for each situation.
footer = Sent by PyctureStream to { $recipient } on { $at }.
footer-recipients = Recipients are configured in recipients.yaml by the operator of this system.

# Links in emails, and their pages.

link-acknowledge = I'm handling this
link-wrong = False alarm
link-silence = Mute this rule
page-acknowledge = Acknowledge this alert?
page-acknowledge-text = No one will get further messages about this alert until it ends. You are named as the person who handles it.
page-acknowledge-button = Yes, I'm handling this
page-wrong = Was this a false alarm?
page-wrong-text = No one will get further messages about this alert, and your answer helps to avoid similar alerts.
page-wrong-button = Yes, it was a false alarm
page-silence = Mute this rule for { $duration }?
page-silence-text = For { $duration }, no one will get messages about new alerts of the rule { $rule } at camera { $camera }. Other rules and cameras are not affected.
page-silence-button = Yes, mute it for { $duration }
page-raised = Raised
page-details = Details
page-what = What was it? (optional)
page-close = Nothing happens if you close this page.
page-before = { $by } already did this on { $at }.
page-before-until = { $by } already did this on { $at }, until { $until }.
done-acknowledge = You are handling this alert
done-acknowledge-text = There will be no further messages about it until it ends.
done-wrong = Thank you: marked as a false alarm
done-wrong-text = There will be no further messages about it, and it is listed among the false alarms.
done-silence = The rule is muted
done-silence-text = There will be no messages about new alerts of the rule { $rule } at camera { $camera } until { $until }.
done-close = You can close this page.
rejected-expired = This link has expired
rejected-invalid = This link is not valid
rejected-failed = Nothing was changed
rejected-failed-text = The system can't do this at the moment. Please try again later.
rejected-commands = The commands pycturestream alerts ack, false-alarm and silence do the same.

# Labels, and `object` for several of them.

label-person = { $count ->
    [1] a person
   *[other] { $number } people
}
label-bicycle = { $count ->
    [1] a bicycle
   *[other] { $number } bicycles
}
label-car = { $count ->
    [1] a car
   *[other] { $number } cars
}
label-motorcycle = { $count ->
    [1] a motorcycle
   *[other] { $number } motorcycles
}
label-airplane = { $count ->
    [1] an airplane
   *[other] { $number } airplanes
}
label-bus = { $count ->
    [1] a bus
   *[other] { $number } buses
}
label-train = { $count ->
    [1] a train
   *[other] { $number } trains
}
label-truck = { $count ->
    [1] a truck
   *[other] { $number } trucks
}
label-boat = { $count ->
    [1] a boat
   *[other] { $number } boats
}
label-traffic-light = { $count ->
    [1] a traffic light
   *[other] { $number } traffic lights
}
label-fire-hydrant = { $count ->
    [1] a fire hydrant
   *[other] { $number } fire hydrants
}
label-stop-sign = { $count ->
    [1] a stop sign
   *[other] { $number } stop signs
}
label-parking-meter = { $count ->
    [1] a parking meter
   *[other] { $number } parking meters
}
label-bench = { $count ->
    [1] a bench
   *[other] { $number } benches
}
label-bird = { $count ->
    [1] a bird
   *[other] { $number } birds
}
label-cat = { $count ->
    [1] a cat
   *[other] { $number } cats
}
label-dog = { $count ->
    [1] a dog
   *[other] { $number } dogs
}
label-horse = { $count ->
    [1] a horse
   *[other] { $number } horses
}
label-sheep = { $count ->
    [1] a sheep
   *[other] { $number } sheep
}
label-cow = { $count ->
    [1] a cow
   *[other] { $number } cows
}
label-elephant = { $count ->
    [1] an elephant
   *[other] { $number } elephants
}
label-bear = { $count ->
    [1] a bear
   *[other] { $number } bears
}
label-zebra = { $count ->
    [1] a zebra
   *[other] { $number } zebras
}
label-giraffe = { $count ->
    [1] a giraffe
   *[other] { $number } giraffes
}
label-backpack = { $count ->
    [1] a backpack
   *[other] { $number } backpacks
}
label-umbrella = { $count ->
    [1] an umbrella
   *[other] { $number } umbrellas
}
label-handbag = { $count ->
    [1] a handbag
   *[other] { $number } handbags
}
label-tie = { $count ->
    [1] a tie
   *[other] { $number } ties
}
label-suitcase = { $count ->
    [1] a suitcase
   *[other] { $number } suitcases
}
label-frisbee = { $count ->
    [1] a frisbee
   *[other] { $number } frisbees
}
label-skis = { $count ->
    [1] a pair of skis
   *[other] { $number } pairs of skis
}
label-snowboard = { $count ->
    [1] a snowboard
   *[other] { $number } snowboards
}
label-sports-ball = { $count ->
    [1] a ball
   *[other] { $number } balls
}
label-kite = { $count ->
    [1] a kite
   *[other] { $number } kites
}
label-baseball-bat = { $count ->
    [1] a baseball bat
   *[other] { $number } baseball bats
}
label-baseball-glove = { $count ->
    [1] a baseball glove
   *[other] { $number } baseball gloves
}
label-skateboard = { $count ->
    [1] a skateboard
   *[other] { $number } skateboards
}
label-surfboard = { $count ->
    [1] a surfboard
   *[other] { $number } surfboards
}
label-tennis-racket = { $count ->
    [1] a tennis racket
   *[other] { $number } tennis rackets
}
label-bottle = { $count ->
    [1] a bottle
   *[other] { $number } bottles
}
label-wine-glass = { $count ->
    [1] a wine glass
   *[other] { $number } wine glasses
}
label-cup = { $count ->
    [1] a cup
   *[other] { $number } cups
}
label-fork = { $count ->
    [1] a fork
   *[other] { $number } forks
}
label-knife = { $count ->
    [1] a knife
   *[other] { $number } knives
}
label-spoon = { $count ->
    [1] a spoon
   *[other] { $number } spoons
}
label-bowl = { $count ->
    [1] a bowl
   *[other] { $number } bowls
}
label-banana = { $count ->
    [1] a banana
   *[other] { $number } bananas
}
label-apple = { $count ->
    [1] an apple
   *[other] { $number } apples
}
label-sandwich = { $count ->
    [1] a sandwich
   *[other] { $number } sandwiches
}
label-orange = { $count ->
    [1] an orange
   *[other] { $number } oranges
}
label-broccoli = { $count ->
    [1] a piece of broccoli
   *[other] { $number } pieces of broccoli
}
label-carrot = { $count ->
    [1] a carrot
   *[other] { $number } carrots
}
label-hot-dog = { $count ->
    [1] a hot dog
   *[other] { $number } hot dogs
}
label-pizza = { $count ->
    [1] a pizza
   *[other] { $number } pizzas
}
label-donut = { $count ->
    [1] a donut
   *[other] { $number } donuts
}
label-cake = { $count ->
    [1] a cake
   *[other] { $number } cakes
}
label-chair = { $count ->
    [1] a chair
   *[other] { $number } chairs
}
label-couch = { $count ->
    [1] a couch
   *[other] { $number } couches
}
label-potted-plant = { $count ->
    [1] a potted plant
   *[other] { $number } potted plants
}
label-bed = { $count ->
    [1] a bed
   *[other] { $number } beds
}
label-dining-table = { $count ->
    [1] a table
   *[other] { $number } tables
}
label-toilet = { $count ->
    [1] a toilet
   *[other] { $number } toilets
}
label-tv = { $count ->
    [1] a TV
   *[other] { $number } TVs
}
label-laptop = { $count ->
    [1] a laptop
   *[other] { $number } laptops
}
label-mouse = { $count ->
    [1] a computer mouse
   *[other] { $number } computer mice
}
label-remote = { $count ->
    [1] a remote control
   *[other] { $number } remote controls
}
label-keyboard = { $count ->
    [1] a keyboard
   *[other] { $number } keyboards
}
label-cell-phone = { $count ->
    [1] a cell phone
   *[other] { $number } cell phones
}
label-microwave = { $count ->
    [1] a microwave
   *[other] { $number } microwaves
}
label-oven = { $count ->
    [1] an oven
   *[other] { $number } ovens
}
label-toaster = { $count ->
    [1] a toaster
   *[other] { $number } toasters
}
label-sink = { $count ->
    [1] a sink
   *[other] { $number } sinks
}
label-refrigerator = { $count ->
    [1] a refrigerator
   *[other] { $number } refrigerators
}
label-book = { $count ->
    [1] a book
   *[other] { $number } books
}
label-clock = { $count ->
    [1] a clock
   *[other] { $number } clocks
}
label-vase = { $count ->
    [1] a vase
   *[other] { $number } vases
}
label-scissors = { $count ->
    [1] a pair of scissors
   *[other] { $number } pairs of scissors
}
label-teddy-bear = { $count ->
    [1] a teddy bear
   *[other] { $number } teddy bears
}
label-hair-drier = { $count ->
    [1] a hair dryer
   *[other] { $number } hair dryers
}
label-toothbrush = { $count ->
    [1] a toothbrush
   *[other] { $number } toothbrushes
}
label-face = { $count ->
    [1] a face
   *[other] { $number } faces
}
label-object = { $count ->
    [1] an object
   *[other] { $number } objects
}
