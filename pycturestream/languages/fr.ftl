# Français. Les noms au singulier portent leur article ; $number est un mot jusqu'à douze.
# [one] : zéro est au singulier.

numbers = 0 un deux trois quatre cinq six sept huit neuf dix onze douze
prepositions = à au aux autour avant chez contre dans dehors derrière devant en entre près sous sur vers
articles = le la les l' un une des

unlisted = { $count ->
    [1] « { $label } »
   *[other] { $number } « { $label } »
}

join = { $first } et { $second }
list = { $first }, { $second }
group = { $certainty ->
    [unsure] peut-être { $things } { $where }
   *[sure] { $things } { $where }
}
approaching = { $certainty ->
    [unsure] { $count ->
        [1] peut-être { $things } { $where } qui s'approche
       *[other] peut-être { $things } { $where } qui s'approchent
    }
   *[sure] { $count ->
        [1] { $things } { $where } s'approche
       *[other] { $things } { $where } s'approchent
    }
}
danger-1 = À noter : { $what }.
danger-2 = Attention : { $what }.
danger-3 = Danger : { $what }.
nothing = Rien en vue.
dark = Il fait trop sombre.
blurred = L'image est floue.
covered = La caméra est peut-être masquée.
no-picture = Il n'y a pas d'image récente.
towards-left = Plus à gauche.
towards-right = Plus à droite.

place-left = à gauche
place-center = au centre
place-right = à droite
place-top = en haut
place-top-left = en haut à gauche
place-top-center = en haut au centre
place-top-right = en haut à droite
place-bottom = en bas
place-bottom-left = en bas à gauche
place-bottom-center = en bas au centre
place-bottom-right = en bas à droite
place-several = à plusieurs endroits
hour = { $hour ->
    [1] à une heure
    [2] à deux heures
    [3] à trois heures
    [9] à neuf heures
    [10] à dix heures
    [11] à onze heures
   *[12] à midi
}
zone = { $kind ->
    [place] { $name }
   *[plain] { zone-preposition } « { $name } »
}
zone-preposition = dans la zone

# Raisons des alertes.

days = lun. mar. mer. jeu. ven. sam. dim.
period = entre { $from } et { $to }
period-days = ({ $days })
span = { $unit ->
    [s] { $number } s
    [min] { $number } min
    [h] { $number } h
   *[d] { $number } jours
}
reason-several-labels = { $things } ({ $labels })
reason-crossed = { $count ->
    [1] a franchi { $lines }
   *[other] ont franchi { $lines }
}
reason-line = { $way ->
    [in] la ligne { $line } vers l'intérieur
   *[out] la ligne { $line } vers l'extérieur
}
reason-dwell = sur place depuis { $span }
reason-loitering = { $count ->
    [1] qui s'attarde depuis { $span }
   *[other] qui s'attardent depuis { $span }
}
reason-seen-once = sur une image à { $at }
reason-seen = sur { $frames } images depuis { $at }
reason-score = meilleur score { $score }
reason-ended = Fin à { $at }.
reason-rule-removed = Sa règle a été supprimée.
reason-offline = Aucune image depuis { $at } : la caméra est hors ligne.
reason-clock = { $direction ->
    [ahead] L'horloge de la caméra est fausse depuis { $at } : { $span } d'avance.
   *[behind] L'horloge de la caméra est fausse depuis { $at } : { $span } de retard.
}
reason-blurred = L'image est floue depuis { $at } : netteté { $now }, d'habitude { $usual }.
reason-moved = La caméra montre une autre vue depuis { $at } : ressemblance avec la vue habituelle { $likeness }.
reason-covered = La caméra est masquée depuis { $at } : ressemblance avec la vue habituelle { $likeness }, luminosité { $now }, d'habitude { $usual }.
reason-unusual = { $how ->
    [quiet] Calme inhabituel : { $things } dans l'heure à partir de { $at }, d'habitude { $expected }.
   *[busy] Affluence inhabituelle : { $things } dans l'heure à partir de { $at }, d'habitude { $expected }.
}

# Alertes dans les messages.

level = { $level ->
    [1] À noter
    [2] Attention
   *[3] Danger
}
alert-headline = { $level } : { $what }
alert-title = { $headline }, caméra { $camera }
alert-what = { $about ->
    [offline] pas d'image
    [clock-wrong] horloge déréglée
    [covered] vue masquée
    [blurred] image floue
    [moved] vue différente
    [unusually-quiet] calme inhabituel
   *[unusually-busy] affluence inhabituelle
}
moment = { $date } à { $time } ({ $zone })
subject-test = Message de test : les alertes arriveront ici
subject-digest = { $headline } : { $title }
subject-updated = [maintenant { $headline }] { $title }
subject-ended = [terminée] { $title }
alerts-number = { $number ->
    [one] { $number } alerte
   *[other] { $number } alertes
}
alerts-open = { $total ->
    [1] { $number ->
        [0] terminée
       *[other] en cours
    }
   *[other] { $number ->
        [0] toutes terminées
       *[other] { $number } en cours
    }
}
digest-headline = { $alerts }, { $open }
digest-why = { $number ->
    [1] Cette alerte a suivi d'autres de près, ou est arrivée en retard ou pendant vos heures calmes.
   *[other] Ces alertes se sont suivies de près, sont arrivées en retard ou pendant vos heures calmes. Elles sont donc regroupées dans ce message.
}
digest-line = { $alerts } de la règle { $rule }, { $open }
digest-span = du { $first } au { $last }
digest-more = { $number ->
    [one] Et une autre caméra ou règle : { $command } les affiche toutes.
   *[other] Et { $number } autres caméras ou règles : { $command } les affiche toutes.
}
mail-row = { $name } :
mail-headline-updated = Maintenant : { $headline }
mail-headline-ended = Terminée : { $headline }
mail-lasted = Durée : { $duration }.
mail-picture = L'image qui a déclenché l'alerte
mail-camera = Caméra
mail-site = Site
mail-rule = Règle
mail-level = Niveau
mail-level-of = { $level } ({ $number } sur 3)
mail-since = Début
mail-ended = Fin
mail-changed = Dernier changement
mail-count = Nombre
mail-actions = Ce que vous pouvez faire :
test-headline = Tout fonctionne
test-text = Ceci est un test. Les alertes de vos caméras arriveront ici, un message par situation.
footer = Envoyé par PyctureStream à { $recipient } le { $at }.
footer-recipients = Les destinataires sont configurés dans recipients.yaml par l'exploitant de ce système.

# Liens dans les e-mails, et leurs pages.

link-acknowledge = Je m'en occupe
link-wrong = Fausse alerte
link-silence = Mettre cette règle en sourdine
page-acknowledge = Vous occupez-vous de cette alerte ?
page-acknowledge-text = Personne ne recevra d'autres messages sur cette alerte avant sa fin. Vous serez la personne indiquée comme s'en occupant.
page-acknowledge-button = Oui, je m'en occupe
page-wrong = Était-ce une fausse alerte ?
page-wrong-text = Personne ne recevra d'autres messages sur cette alerte, et votre réponse aide à éviter des alertes semblables.
page-wrong-button = Oui, c'était une fausse alerte
page-silence = Mettre cette règle en sourdine pendant { $duration } ?
page-silence-text = Pendant { $duration }, personne ne recevra de messages sur de nouvelles alertes de la règle { $rule } de la caméra { $camera }. Les autres règles et caméras ne sont pas concernées.
page-silence-button = Oui, la mettre en sourdine pendant { $duration }
page-raised = Début
page-details = Détails
page-what = Qu'était-ce ? (facultatif)
page-close = Si vous fermez cette page, rien ne se passe.
page-before = { $by } l'a déjà fait le { $at }.
page-before-until = { $by } l'a déjà fait le { $at }, jusqu'au { $until }.
done-acknowledge = Vous vous occupez de cette alerte
done-acknowledge-text = Il n'y aura plus de messages à son sujet avant sa fin.
done-wrong = Merci : signalée comme fausse alerte
done-wrong-text = Il n'y aura plus de messages à son sujet, et elle figure dans la liste des fausses alertes.
done-silence = La règle est en sourdine
done-silence-text = Il n'y aura pas de messages sur de nouvelles alertes de la règle { $rule } de la caméra { $camera } jusqu'au { $until }.
done-close = Vous pouvez fermer cette page.
rejected-expired = Ce lien a expiré
rejected-invalid = Ce lien n'est pas valide
rejected-failed = Rien n'a été modifié
rejected-failed-text = Le système ne peut pas le faire pour le moment. Veuillez réessayer plus tard.
rejected-commands = Les commandes pycturestream alerts ack, false-alarm et silence font la même chose.

# Objets ; `object` en désigne plusieurs sortes.

label-person = { $count ->
    [1] une personne
    [one] { $number } personne
   *[other] { $number } personnes
}
label-bicycle = { $count ->
    [1] un vélo
    [one] { $number } vélo
   *[other] { $number } vélos
}
label-car = { $count ->
    [1] une voiture
    [one] { $number } voiture
   *[other] { $number } voitures
}
label-motorcycle = { $count ->
    [1] une moto
    [one] { $number } moto
   *[other] { $number } motos
}
label-airplane = { $count ->
    [1] un avion
    [one] { $number } avion
   *[other] { $number } avions
}
label-bus = { $count ->
    [1] un bus
    [one] { $number } bus
   *[other] { $number } bus
}
label-train = { $count ->
    [1] un train
    [one] { $number } train
   *[other] { $number } trains
}
label-truck = { $count ->
    [1] un camion
    [one] { $number } camion
   *[other] { $number } camions
}
label-boat = { $count ->
    [1] un bateau
    [one] { $number } bateau
   *[other] { $number } bateaux
}
label-traffic-light = { $count ->
    [1] un feu de circulation
    [one] { $number } feu de circulation
   *[other] { $number } feux de circulation
}
label-fire-hydrant = { $count ->
    [1] une borne d'incendie
    [one] { $number } borne d'incendie
   *[other] { $number } bornes d'incendie
}
label-stop-sign = { $count ->
    [1] un panneau stop
    [one] { $number } panneau stop
   *[other] { $number } panneaux stop
}
label-parking-meter = { $count ->
    [1] un parcmètre
    [one] { $number } parcmètre
   *[other] { $number } parcmètres
}
label-bench = { $count ->
    [1] un banc
    [one] { $number } banc
   *[other] { $number } bancs
}
label-bird = { $count ->
    [1] un oiseau
    [one] { $number } oiseau
   *[other] { $number } oiseaux
}
label-cat = { $count ->
    [1] un chat
    [one] { $number } chat
   *[other] { $number } chats
}
label-dog = { $count ->
    [1] un chien
    [one] { $number } chien
   *[other] { $number } chiens
}
label-horse = { $count ->
    [1] un cheval
    [one] { $number } cheval
   *[other] { $number } chevaux
}
label-sheep = { $count ->
    [1] un mouton
    [one] { $number } mouton
   *[other] { $number } moutons
}
label-cow = { $count ->
    [1] une vache
    [one] { $number } vache
   *[other] { $number } vaches
}
label-elephant = { $count ->
    [1] un éléphant
    [one] { $number } éléphant
   *[other] { $number } éléphants
}
label-bear = { $count ->
    [1] un ours
    [one] { $number } ours
   *[other] { $number } ours
}
label-zebra = { $count ->
    [1] un zèbre
    [one] { $number } zèbre
   *[other] { $number } zèbres
}
label-giraffe = { $count ->
    [1] une girafe
    [one] { $number } girafe
   *[other] { $number } girafes
}
label-backpack = { $count ->
    [1] un sac à dos
    [one] { $number } sac à dos
   *[other] { $number } sacs à dos
}
label-umbrella = { $count ->
    [1] un parapluie
    [one] { $number } parapluie
   *[other] { $number } parapluies
}
label-handbag = { $count ->
    [1] un sac à main
    [one] { $number } sac à main
   *[other] { $number } sacs à main
}
label-tie = { $count ->
    [1] une cravate
    [one] { $number } cravate
   *[other] { $number } cravates
}
label-suitcase = { $count ->
    [1] une valise
    [one] { $number } valise
   *[other] { $number } valises
}
label-frisbee = { $count ->
    [1] un frisbee
    [one] { $number } frisbee
   *[other] { $number } frisbees
}
label-skis = { $count ->
    [1] une paire de skis
    [one] { $number } paire de skis
   *[other] { $number } paires de skis
}
label-snowboard = { $count ->
    [1] un snowboard
    [one] { $number } snowboard
   *[other] { $number } snowboards
}
label-sports-ball = { $count ->
    [1] un ballon
    [one] { $number } ballon
   *[other] { $number } ballons
}
label-kite = { $count ->
    [1] un cerf-volant
    [one] { $number } cerf-volant
   *[other] { $number } cerfs-volants
}
label-baseball-bat = { $count ->
    [1] une batte de baseball
    [one] { $number } batte de baseball
   *[other] { $number } battes de baseball
}
label-baseball-glove = { $count ->
    [1] un gant de baseball
    [one] { $number } gant de baseball
   *[other] { $number } gants de baseball
}
label-skateboard = { $count ->
    [1] un skateboard
    [one] { $number } skateboard
   *[other] { $number } skateboards
}
label-surfboard = { $count ->
    [1] une planche de surf
    [one] { $number } planche de surf
   *[other] { $number } planches de surf
}
label-tennis-racket = { $count ->
    [1] une raquette de tennis
    [one] { $number } raquette de tennis
   *[other] { $number } raquettes de tennis
}
label-bottle = { $count ->
    [1] une bouteille
    [one] { $number } bouteille
   *[other] { $number } bouteilles
}
label-wine-glass = { $count ->
    [1] un verre à vin
    [one] { $number } verre à vin
   *[other] { $number } verres à vin
}
label-cup = { $count ->
    [1] une tasse
    [one] { $number } tasse
   *[other] { $number } tasses
}
label-fork = { $count ->
    [1] une fourchette
    [one] { $number } fourchette
   *[other] { $number } fourchettes
}
label-knife = { $count ->
    [1] un couteau
    [one] { $number } couteau
   *[other] { $number } couteaux
}
label-spoon = { $count ->
    [1] une cuillère
    [one] { $number } cuillère
   *[other] { $number } cuillères
}
label-bowl = { $count ->
    [1] un bol
    [one] { $number } bol
   *[other] { $number } bols
}
label-banana = { $count ->
    [1] une banane
    [one] { $number } banane
   *[other] { $number } bananes
}
label-apple = { $count ->
    [1] une pomme
    [one] { $number } pomme
   *[other] { $number } pommes
}
label-sandwich = { $count ->
    [1] un sandwich
    [one] { $number } sandwich
   *[other] { $number } sandwichs
}
label-orange = { $count ->
    [1] une orange
    [one] { $number } orange
   *[other] { $number } oranges
}
label-broccoli = { $count ->
    [1] un brocoli
    [one] { $number } brocoli
   *[other] { $number } brocolis
}
label-carrot = { $count ->
    [1] une carotte
    [one] { $number } carotte
   *[other] { $number } carottes
}
label-hot-dog = { $count ->
    [1] un hot-dog
    [one] { $number } hot-dog
   *[other] { $number } hot-dogs
}
label-pizza = { $count ->
    [1] une pizza
    [one] { $number } pizza
   *[other] { $number } pizzas
}
label-donut = { $count ->
    [1] un beignet
    [one] { $number } beignet
   *[other] { $number } beignets
}
label-cake = { $count ->
    [1] un gâteau
    [one] { $number } gâteau
   *[other] { $number } gâteaux
}
label-chair = { $count ->
    [1] une chaise
    [one] { $number } chaise
   *[other] { $number } chaises
}
label-couch = { $count ->
    [1] un canapé
    [one] { $number } canapé
   *[other] { $number } canapés
}
label-potted-plant = { $count ->
    [1] une plante en pot
    [one] { $number } plante en pot
   *[other] { $number } plantes en pot
}
label-bed = { $count ->
    [1] un lit
    [one] { $number } lit
   *[other] { $number } lits
}
label-dining-table = { $count ->
    [1] une table
    [one] { $number } table
   *[other] { $number } tables
}
label-toilet = { $count ->
    [1] des toilettes
    [one] { $number } toilettes
   *[other] { $number } toilettes
}
label-tv = { $count ->
    [1] une télévision
    [one] { $number } télévision
   *[other] { $number } télévisions
}
label-laptop = { $count ->
    [1] un ordinateur portable
    [one] { $number } ordinateur portable
   *[other] { $number } ordinateurs portables
}
label-mouse = { $count ->
    [1] une souris d'ordinateur
    [one] { $number } souris d'ordinateur
   *[other] { $number } souris d'ordinateur
}
label-remote = { $count ->
    [1] une télécommande
    [one] { $number } télécommande
   *[other] { $number } télécommandes
}
label-keyboard = { $count ->
    [1] un clavier
    [one] { $number } clavier
   *[other] { $number } claviers
}
label-cell-phone = { $count ->
    [1] un téléphone portable
    [one] { $number } téléphone portable
   *[other] { $number } téléphones portables
}
label-microwave = { $count ->
    [1] un micro-ondes
    [one] { $number } micro-ondes
   *[other] { $number } micro-ondes
}
label-oven = { $count ->
    [1] un four
    [one] { $number } four
   *[other] { $number } fours
}
label-toaster = { $count ->
    [1] un grille-pain
    [one] { $number } grille-pain
   *[other] { $number } grille-pain
}
label-sink = { $count ->
    [1] un évier
    [one] { $number } évier
   *[other] { $number } éviers
}
label-refrigerator = { $count ->
    [1] un réfrigérateur
    [one] { $number } réfrigérateur
   *[other] { $number } réfrigérateurs
}
label-book = { $count ->
    [1] un livre
    [one] { $number } livre
   *[other] { $number } livres
}
label-clock = { $count ->
    [1] une horloge
    [one] { $number } horloge
   *[other] { $number } horloges
}
label-vase = { $count ->
    [1] un vase
    [one] { $number } vase
   *[other] { $number } vases
}
label-scissors = { $count ->
    [1] une paire de ciseaux
    [one] { $number } paire de ciseaux
   *[other] { $number } paires de ciseaux
}
label-teddy-bear = { $count ->
    [1] un ours en peluche
    [one] { $number } ours en peluche
   *[other] { $number } ours en peluche
}
label-hair-drier = { $count ->
    [1] un sèche-cheveux
    [one] { $number } sèche-cheveux
   *[other] { $number } sèche-cheveux
}
label-toothbrush = { $count ->
    [1] une brosse à dents
    [one] { $number } brosse à dents
   *[other] { $number } brosses à dents
}
label-face = { $count ->
    [1] un visage
    [one] { $number } visage
   *[other] { $number } visages
}
label-object = { $count ->
    [1] un objet
    [one] { $number } objet
   *[other] { $number } objets
}
