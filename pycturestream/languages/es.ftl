# Español. Los nombres en singular llevan su artículo; $number es una palabra hasta doce.

numbers = 0 un dos tres cuatro cinco seis siete ocho nueve diez once doce
prepositions = a al ante bajo cerca contra delante dentro detrás en encima enfrente entre fuera junto sobre tras
articles = el la los las un una unos unas

unlisted = { $count ->
    [1] «{ $label }»
   *[other] { $number } «{ $label }»
}

join = { $first } y { $second }
list = { $first }, { $second }
group = { $certainty ->
    [unsure] quizás { $things } { $where }
   *[sure] { $things } { $where }
}
approaching = { $certainty ->
    [unsure] { $count ->
        [1] quizás { $things } { $where } que se acerca
       *[other] quizás { $things } { $where } que se acercan
    }
   *[sure] { $count ->
        [1] { $things } { $where } se acerca
       *[other] { $things } { $where } se acercan
    }
}
danger-1 = Aviso: { $what }.
danger-2 = Atención: { $what }.
danger-3 = Peligro: { $what }.
nothing = Nada a la vista.
dark = Está demasiado oscuro.
blurred = La imagen está borrosa.
covered = Puede que la cámara esté tapada.
no-picture = No hay ninguna imagen reciente.
towards-left = Más a la izquierda.
towards-right = Más a la derecha.

place-left = a la izquierda
place-center = en el centro
place-right = a la derecha
place-top = arriba
place-top-left = arriba a la izquierda
place-top-center = arriba en el centro
place-top-right = arriba a la derecha
place-bottom = abajo
place-bottom-left = abajo a la izquierda
place-bottom-center = abajo en el centro
place-bottom-right = abajo a la derecha
place-several = en varios sitios
hour = { $hour ->
    [1] a la una
    [2] a las dos
    [3] a las tres
    [9] a las nueve
    [10] a las diez
    [11] a las once
   *[12] a las doce
}
zone = { $kind ->
    [place] { $name }
    [article] { zone-preposition } { $name }
   *[plain] { zone-preposition } la zona «{ $name }»
}
zone-preposition = en

# Motivos de las alertas.

days = lun mar mié jue vie sáb dom
period = entre las { $from } y las { $to }
period-days = ({ $days })
span = { $unit ->
    [s] { $number } s
    [min] { $number } min
    [h] { $number } h
   *[d] { $number } días
}
reason-several-labels = { $things } ({ $labels })
reason-crossed = { $count ->
    [1] cruzó { $lines }
   *[other] cruzaron { $lines }
}
reason-line = { $way ->
    [in] la línea { $line } hacia dentro
   *[out] la línea { $line } hacia fuera
}
reason-dwell = allí desde hace { $span }
reason-loitering = merodeando desde hace { $span }
reason-seen-once = en una imagen a las { $at }
reason-seen = en { $frames } imágenes desde las { $at }
reason-score = puntuación máxima { $score }
reason-ended = Terminó a las { $at }.
reason-rule-removed = Se eliminó su regla.
reason-offline = Sin imágenes desde las { $at }: la cámara no está disponible.
reason-clock = { $direction ->
    [ahead] El reloj de la cámara está mal desde las { $at }: { $span } de adelanto.
   *[behind] El reloj de la cámara está mal desde las { $at }: { $span } de retraso.
}
reason-blurred = La imagen está borrosa desde las { $at }: nitidez { $now }, normalmente { $usual }.
reason-moved = La cámara muestra otra vista desde las { $at }: parecido con la vista habitual { $likeness }.
reason-covered = La cámara está tapada desde las { $at }: parecido con la vista habitual { $likeness }, brillo { $now }, normalmente { $usual }.
reason-unusual = { $how ->
    [quiet] Calma inusual: { $things } en la hora desde las { $at }, normalmente { $expected }.
   *[busy] Actividad inusual: { $things } en la hora desde las { $at }, normalmente { $expected }.
}

# Alertas en los mensajes.

level = { $level ->
    [1] Aviso
    [2] Atención
   *[3] Peligro
}
alert-headline = { $level }: { $what }
alert-title = { $headline }, cámara { $camera }
alert-what = { $about ->
    [offline] sin imágenes
    [clock-wrong] reloj desajustado
    [covered] vista tapada
    [blurred] imagen borrosa
    [moved] vista distinta
    [unusually-quiet] calma inusual
   *[unusually-busy] actividad inusual
}
moment = { $date } a las { $time } ({ $zone })
subject-test = Mensaje de prueba: las alertas llegarán aquí
subject-digest = { $headline }: { $title }
subject-updated = [ahora { $headline }] { $title }
subject-ended = [terminada] { $title }
alerts-number = { $number ->
    [one] { $number } alerta
   *[other] { $number } alertas
}
alerts-open = { $total ->
    [1] { $number ->
        [0] terminada
       *[other] en curso
    }
   *[other] { $number ->
        [0] todas terminadas
       *[other] { $number } en curso
    }
}
digest-headline = { $alerts }, { $open }
digest-why = { $number ->
    [1] Esta alerta llegó poco después de otras, con retraso o durante sus horas de silencio.
   *[other] Estas alertas llegaron muy seguidas, con retraso o durante sus horas de silencio. Por eso se agrupan en este mensaje.
}
digest-line = { $alerts } de la regla { $rule }, { $open }
digest-span = del { $first } al { $last }
digest-more = { $number ->
    [one] Y una cámara o regla más: { $command } las muestra todas.
   *[other] Y { $number } cámaras o reglas más: { $command } las muestra todas.
}
mail-row = { $name }:
mail-headline-updated = Ahora: { $headline }
mail-headline-ended = Terminada: { $headline }
mail-lasted = Duración: { $duration }.
mail-picture = La imagen que activó la alerta
mail-camera = Cámara
mail-site = Sitio
mail-rule = Regla
mail-level = Nivel
mail-level-of = { $level } ({ $number } de 3)
mail-since = Inicio
mail-ended = Fin
mail-changed = Último cambio
mail-count = Cantidad
mail-actions = Qué puede hacer:
test-headline = Funciona
test-text = Esto es una prueba. Aquí llegarán las alertas de sus cámaras, un mensaje por cada situación.
footer = Enviado por PyctureStream a { $recipient } el { $at }.
footer-recipients = El operador de este sistema configura los destinatarios en recipients.yaml.

# Enlaces en los correos, y sus páginas.

link-acknowledge = Me encargo yo
link-wrong = Falsa alarma
link-silence = Silenciar esta regla
page-acknowledge = ¿Se encarga usted de esta alerta?
page-acknowledge-text = Nadie recibirá más mensajes sobre esta alerta hasta que termine. Usted figurará como la persona que se encarga de ella.
page-acknowledge-button = Sí, me encargo yo
page-wrong = ¿Fue una falsa alarma?
page-wrong-text = Nadie recibirá más mensajes sobre esta alerta, y su respuesta ayuda a evitar alertas parecidas.
page-wrong-button = Sí, fue una falsa alarma
page-silence = ¿Silenciar esta regla durante { $duration }?
page-silence-text = Durante { $duration }, nadie recibirá mensajes sobre nuevas alertas de la regla { $rule } de la cámara { $camera }. Las demás reglas y cámaras no se ven afectadas.
page-silence-button = Sí, silenciarla durante { $duration }
page-raised = Inicio
page-details = Detalles
page-what = ¿Qué era? (opcional)
page-close = Si cierra esta página, no ocurre nada.
page-before = { $by } ya lo hizo el { $at }.
page-before-until = { $by } ya lo hizo el { $at }, hasta el { $until }.
done-acknowledge = Usted se encarga de esta alerta
done-acknowledge-text = No habrá más mensajes sobre ella hasta que termine.
done-wrong = Gracias: marcada como falsa alarma
done-wrong-text = No habrá más mensajes sobre ella, y figura en la lista de falsas alarmas.
done-silence = La regla está silenciada
done-silence-text = No habrá mensajes sobre nuevas alertas de la regla { $rule } de la cámara { $camera } hasta el { $until }.
done-close = Puede cerrar esta página.
rejected-expired = Este enlace ha caducado
rejected-invalid = Este enlace no es válido
rejected-failed = No se ha cambiado nada
rejected-failed-text = El sistema no puede hacerlo en este momento. Inténtelo de nuevo más tarde.
rejected-commands = Los comandos pycturestream alerts ack, false-alarm y silence hacen lo mismo.

# Objetos; `object` es para varios tipos.

label-person = { $count ->
    [1] una persona
   *[other] { $number } personas
}
label-bicycle = { $count ->
    [1] una bicicleta
   *[other] { $number } bicicletas
}
label-car = { $count ->
    [1] un coche
   *[other] { $number } coches
}
label-motorcycle = { $count ->
    [1] una moto
   *[other] { $number } motos
}
label-airplane = { $count ->
    [1] un avión
   *[other] { $number } aviones
}
label-bus = { $count ->
    [1] un autobús
   *[other] { $number } autobuses
}
label-train = { $count ->
    [1] un tren
   *[other] { $number } trenes
}
label-truck = { $count ->
    [1] un camión
   *[other] { $number } camiones
}
label-boat = { $count ->
    [1] un barco
   *[other] { $number } barcos
}
label-traffic-light = { $count ->
    [1] un semáforo
   *[other] { $number } semáforos
}
label-fire-hydrant = { $count ->
    [1] una boca de incendios
   *[other] { $number } bocas de incendios
}
label-stop-sign = { $count ->
    [1] una señal de stop
   *[other] { $number } señales de stop
}
label-parking-meter = { $count ->
    [1] un parquímetro
   *[other] { $number } parquímetros
}
label-bench = { $count ->
    [1] un banco
   *[other] { $number } bancos
}
label-bird = { $count ->
    [1] un pájaro
   *[other] { $number } pájaros
}
label-cat = { $count ->
    [1] un gato
   *[other] { $number } gatos
}
label-dog = { $count ->
    [1] un perro
   *[other] { $number } perros
}
label-horse = { $count ->
    [1] un caballo
   *[other] { $number } caballos
}
label-sheep = { $count ->
    [1] una oveja
   *[other] { $number } ovejas
}
label-cow = { $count ->
    [1] una vaca
   *[other] { $number } vacas
}
label-elephant = { $count ->
    [1] un elefante
   *[other] { $number } elefantes
}
label-bear = { $count ->
    [1] un oso
   *[other] { $number } osos
}
label-zebra = { $count ->
    [1] una cebra
   *[other] { $number } cebras
}
label-giraffe = { $count ->
    [1] una jirafa
   *[other] { $number } jirafas
}
label-backpack = { $count ->
    [1] una mochila
   *[other] { $number } mochilas
}
label-umbrella = { $count ->
    [1] un paraguas
   *[other] { $number } paraguas
}
label-handbag = { $count ->
    [1] un bolso
   *[other] { $number } bolsos
}
label-tie = { $count ->
    [1] una corbata
   *[other] { $number } corbatas
}
label-suitcase = { $count ->
    [1] una maleta
   *[other] { $number } maletas
}
label-frisbee = { $count ->
    [1] un frisbi
   *[other] { $number } frisbis
}
label-skis = { $count ->
    [1] un par de esquís
   *[other] { $number } pares de esquís
}
label-snowboard = { $count ->
    [1] una tabla de snowboard
   *[other] { $number } tablas de snowboard
}
label-sports-ball = { $count ->
    [1] una pelota
   *[other] { $number } pelotas
}
label-kite = { $count ->
    [1] una cometa
   *[other] { $number } cometas
}
label-baseball-bat = { $count ->
    [1] un bate de béisbol
   *[other] { $number } bates de béisbol
}
label-baseball-glove = { $count ->
    [1] un guante de béisbol
   *[other] { $number } guantes de béisbol
}
label-skateboard = { $count ->
    [1] un monopatín
   *[other] { $number } monopatines
}
label-surfboard = { $count ->
    [1] una tabla de surf
   *[other] { $number } tablas de surf
}
label-tennis-racket = { $count ->
    [1] una raqueta de tenis
   *[other] { $number } raquetas de tenis
}
label-bottle = { $count ->
    [1] una botella
   *[other] { $number } botellas
}
label-wine-glass = { $count ->
    [1] una copa de vino
   *[other] { $number } copas de vino
}
label-cup = { $count ->
    [1] una taza
   *[other] { $number } tazas
}
label-fork = { $count ->
    [1] un tenedor
   *[other] { $number } tenedores
}
label-knife = { $count ->
    [1] un cuchillo
   *[other] { $number } cuchillos
}
label-spoon = { $count ->
    [1] una cuchara
   *[other] { $number } cucharas
}
label-bowl = { $count ->
    [1] un cuenco
   *[other] { $number } cuencos
}
label-banana = { $count ->
    [1] un plátano
   *[other] { $number } plátanos
}
label-apple = { $count ->
    [1] una manzana
   *[other] { $number } manzanas
}
label-sandwich = { $count ->
    [1] un sándwich
   *[other] { $number } sándwiches
}
label-orange = { $count ->
    [1] una naranja
   *[other] { $number } naranjas
}
label-broccoli = { $count ->
    [1] un brócoli
   *[other] { $number } brócolis
}
label-carrot = { $count ->
    [1] una zanahoria
   *[other] { $number } zanahorias
}
label-hot-dog = { $count ->
    [1] un perrito caliente
   *[other] { $number } perritos calientes
}
label-pizza = { $count ->
    [1] una pizza
   *[other] { $number } pizzas
}
label-donut = { $count ->
    [1] un dónut
   *[other] { $number } dónuts
}
label-cake = { $count ->
    [1] una tarta
   *[other] { $number } tartas
}
label-chair = { $count ->
    [1] una silla
   *[other] { $number } sillas
}
label-couch = { $count ->
    [1] un sofá
   *[other] { $number } sofás
}
label-potted-plant = { $count ->
    [1] una planta en maceta
   *[other] { $number } plantas en maceta
}
label-bed = { $count ->
    [1] una cama
   *[other] { $number } camas
}
label-dining-table = { $count ->
    [1] una mesa
   *[other] { $number } mesas
}
label-toilet = { $count ->
    [1] un inodoro
   *[other] { $number } inodoros
}
label-tv = { $count ->
    [1] un televisor
   *[other] { $number } televisores
}
label-laptop = { $count ->
    [1] un portátil
   *[other] { $number } portátiles
}
label-mouse = { $count ->
    [1] un ratón de ordenador
   *[other] { $number } ratones de ordenador
}
label-remote = { $count ->
    [1] un mando a distancia
   *[other] { $number } mandos a distancia
}
label-keyboard = { $count ->
    [1] un teclado
   *[other] { $number } teclados
}
label-cell-phone = { $count ->
    [1] un teléfono móvil
   *[other] { $number } teléfonos móviles
}
label-microwave = { $count ->
    [1] un microondas
   *[other] { $number } microondas
}
label-oven = { $count ->
    [1] un horno
   *[other] { $number } hornos
}
label-toaster = { $count ->
    [1] una tostadora
   *[other] { $number } tostadoras
}
label-sink = { $count ->
    [1] un fregadero
   *[other] { $number } fregaderos
}
label-refrigerator = { $count ->
    [1] un frigorífico
   *[other] { $number } frigoríficos
}
label-book = { $count ->
    [1] un libro
   *[other] { $number } libros
}
label-clock = { $count ->
    [1] un reloj
   *[other] { $number } relojes
}
label-vase = { $count ->
    [1] un jarrón
   *[other] { $number } jarrones
}
label-scissors = { $count ->
    [1] unas tijeras
   *[other] { $number } pares de tijeras
}
label-teddy-bear = { $count ->
    [1] un oso de peluche
   *[other] { $number } osos de peluche
}
label-hair-drier = { $count ->
    [1] un secador de pelo
   *[other] { $number } secadores de pelo
}
label-toothbrush = { $count ->
    [1] un cepillo de dientes
   *[other] { $number } cepillos de dientes
}
label-face = { $count ->
    [1] una cara
   *[other] { $number } caras
}
label-object = { $count ->
    [1] un objeto
   *[other] { $number } objetos
}
