"""Word lists of the English that captions are written in: who and what is alive, and which words belong together."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


def pairs(text: str) -> frozenset[tuple[str, str]]:
    split = (phrase.split() for phrase in text.split(","))
    return frozenset((first, second) for first, second in split)


COLOURS = word_set(
    """white black red blue green yellow brown orange pink purple grey gray tan beige gold golden silver blond blonde
    brunette navy turquoise teal maroon violet khaki cream crimson scarlet auburn bronze lavender magenta ivory
    aqua neon"""
)

# Adjectives and nouns that stand with the determiner: "several happy dogs", "a couple happy dogs".
QUANTIFIERS = word_set(
    """several many few other another various numerous multiple some any all both each every more most less fewer own
    same such next last first second third fourth fifth certain enough much single only assorted countless couple
    bunch dozen hundred thousand hundreds dozens additional remaining entire whole half main different"""
)

# Of these, a participle after them makes a modifier: "different colored umbrellas".
SAMENESS = word_set("different same single half whole main various multiple")

# Before "of" these say how much, where or what sort, and are nothing that could be described.
PARTITIVES = word_set(
    """lot bunch kind sort type couple number top front back side middle center centre bottom inside outside end rest
    piece bit amount majority plenty hundred dozen thousand load ton portion half base mean act process way
    use tug head face foot arm hand leg point means out group pair edge"""
)

PICTURES = word_set("photo photograph picture image shot portrait snapshot scene pic selfie")

# They stand for a noun, or for nothing in particular.
PRONOUN_LIKE = word_set(
    """one someone something anyone anything everyone everything nothing nobody somebody anybody everybody none other
    thing stuff way middle foreground distance midair midst total while no yes pm am etc"""
)

# Sizes, which "very" may stand before: "a very big friendly dog".
SIZES = word_set("big large small tall long short tiny huge little high wide")

# Times, seasons and meals: a bare one is an adverbial ("at night", "in winter", "for dinner").
TIMES = word_set(
    """night day morning evening afternoon noon midday midnight dusk dawn twilight sunset sunrise daytime nighttime
    daylight summer winter spring fall autumn season week weekend month year today tonight yesterday tomorrow time
    moment christmas halloween easter holiday breakfast lunch dinner supper"""
)

# A preposition or verb and the bare noun it goes with.
SET_PHRASES = pairs(
    """in front, on top, in background, in foreground, at home, in bed, on display, on exhibit, in line, in flight, at
    bat, at sea, at work, at play, at school, in school, in class, in place, on board, by train, by car, by bus, by
    boat, by plane, by bike, on foot, by foot, by hand, in hand, at hand, on hand, in town, in action, in motion, in
    air, on fire, on ice, in bloom, in sight, in view, in space, on horseback, on stage, in church, for fun, in
    style, on guard, on earth, in person, in control, on land, to land, in season, in half, in progress, in public,
    in private, in formation, in costume, in color, in colour, in uniform, under construction, for sale, in need, on
    duty, on call, in love, in pain, in focus, in detail, in shape, on deck, in court, on court, at rest, at peace,
    at war, on air, in order, in return, in touch, in unison, on hold, on edge, on purpose, in case, in fact, on
    schedule, on sale, on vacation, on holiday, on watch, on parade, in concert, in memory, in honor, in
    celebration, by side, to side, along side, in side, in hopes, in preparation, for food, for dinner, for lunch,
    in trash, on camera, off camera, for camera, in arms, in tow, at sunset, at anchor, in port, to shore, on shore,
    in store, in chief, on paper, in mind, in history, in nature, in life, in reflection, in protest, in
    competition, in office, in training, on strike, on tour, in jail, in prison, in hospital, to bed, to work, to
    school, to town, take flight, taking flight, takes flight, take off, take part, taking part, takes part, take
    place, taking place, takes place, hold hands, holding hands, holds hands, held hands, shake hands, shaking
    hands, join hands, joining hands, shakes hands, have fun, having fun, has fun, make way, give way, keep watch,
    stand guard, standing guard, stands guard, catch air, catching air, catches air, get air, getting air, gets air,
    grabbing air, gaining air, play ball, playing ball, plays ball, play catch, playing catch, have sex, making
    love, make love, take care, taking care, taking turns, take turns, takes turns, taking shelter, doing time,
    going home, go home, goes home, coming home, heading home, walking home, hand hand"""
)

# The same with "the": "in the air", "on the way".
SET_PHRASES_WITH_THE = pairs(
    """at front, on front, in background, in foreground, in air, into air, through air, up air, off air, on air, of
    air, in way, on way, by way, along way, out way, at end, in end, on end, on side, to side, in middle, on phone,
    on move, on run, on go, in lead, on edge, at side, by side, at time, of time, in process, over head, by hand, on
    loose, in open, at moment, of way, in mood, in line, on line, in world, of world, in mix, in making, on hunt, at
    back, in back, on top, at top, in front, at bottom"""
)

# Words that are one with the noun after them, whatever the tagger makes of them.
FIXED = pairs(
    """living room, dining room, waiting room, changing room, dressing room, swimming pool, parking lot, parking meter,
    parking garage, parking space, parking sign, bathing suit, swimming trunk, cutting board, chopping board, frying
    pan, washing machine, vending machine, sewing machine, drinking water, drinking fountain, drinking glass,
    fishing pole, fishing rod, fishing boat, fishing net, skating rink, climbing wall, climbing gear, rocking chair,
    rocking horse, steering wheel, shopping cart, shopping bag, shopping mall, boxing ring, boxing glove, sleeping
    bag, punching bag, watering hole, watering can, mixing bowl, rolling pin, flying disc, flying saucer, batting
    cage, batting helmet, folding chair, measuring cup, wedding cake, running shoe, running light, shaving gel,
    shaving cream, third world, walking stick, walking path, diving board, hiking trail, hiking boot, racing car,
    racing bike, ironing board, serving dish, playing card, playing field, high chair, high school, high heel, hot
    dog, hot air, air balloon, hot tub, hot chocolate, hot sauce, ice cream, ice skate, teddy bear, polar bear,
    brown bear, black bear, grizzly bear, panda bear, fire hydrant, fire truck, fire engine, stop sign, street sign,
    traffic light, stop light, open air, open market, soft drink, fast food, french fry, french toast, french bread,
    sweet potato, swiss cheese, golden retriever, pit bull, great dane, german shepherd, border collie, jack
    russell, saint bernard, st. bernard, boston terrier, yorkshire terrier, cocker spaniel, black lab, yellow lab,
    chocolate lab, irish setter, guinea pig, sea lion, sea gull, prairie dog, bald eagle, big wheel, ferris wheel,
    big ben, double decker, decker bus, jet ski, little league, little leaguer, major league, tight rope, grand
    piano, grand central, stuffed animal, stuffed bear, stuffed toy, toy car, wild life, wet suit, dirt bike, erase
    board, white board, black board, cell phone, mobile phone, smart phone, remote control, video game, peanut
    butter, home plate, tennis racket, cross country, tank top, bow tie, christmas tree, christmas light, birthday
    cake, birthday party, birthday cupcake, santa claus, santa hat, new york, new year, first base, second base,
    third base, short stop, outer space, side walk, cross walk, main street, free style, happy birthday, merry
    christmas, happy meal, happy hour, baby carriage, mountain climbing, mountain biking, rock climbing, tree
    climbing, ice skating, horse riding, bull riding, bike riding, water skiing, sky diving, cliff diving, wind
    surfing, kite surfing, kite boarding, hang gliding, dog sledding, clear cut, still life, long jump, high jump,
    high wire, tight end, full moon, low tide, high tide, high rise, great wall, white house, blue jean, red bull,
    red sox, white water, black tie, black belt, green bean, red wine, white wine, orange juice, green salad, fruit
    salad, public transit, public transport, middle school, polo shirt, tee shirt, dress shirt, bath tub, bath room,
    bed room, farmers market, ladies room, mens room, womens room, mens restroom, womens restroom, hard drive, rest
    room, class room, living area, dining area, waiting area, seating area, sitting room, sitting
    area, rose garden, zen garden, rock star, night stand, night light, night club, day care, grown up, close up,
    make up, line up, rail road, real estate, hard hat, top hat, high top, warm up, cold cut, cold front, dead end,
    dry wall, stainless steel, cast iron, solid gold, bathroom sink,
    kitchen sink, bed spread, fine art, martial art, brave face, cold foot, dry ice, sweet
    heart, dead head, evil eye, mad house, hot pot, cold war, hot line, heavy metal, sweet home"""
)

# A compound whose last noun is not what it names: a hot dog is no dog, and takes no dog's adjective.
OPAQUE = pairs(
    """hot dog, corn dog, chili dog, prairie dog, pit bull, red bull, sea lion, sea horse, guinea pig, saw horse,
    rocking horse, hobby horse, carousel horse, clock face, watch face, rock face, cliff face, mountain face, clock
    hand, watch hand, ice cream, cream cone, computer mouse, wireless mouse, laptop mouse, optical mouse, mickey
    mouse, snow man, gingerbread man, gingerbread house, doll house, dog house, bird house, ware house, power house,
    green house, mid air, open air, hot air, half pipe, french fry, horse fly, butter fly, dragon fly, lady bug,
    baseball bat, cricket bat, softball bat, wiffle bat, home run, home plate, home base, dead end, dry wall, rib
    eye, pony tail, pig tail, cock tail, egg plant, star fish, jelly fish, cat fish, sword fish, urinal cake, birth
    place, fire place, market place, work place, tooth brush, key board, dash board, side walk, cross walk, board
    walk, sky line, base line, horse shoe, super market, super hero, bat man, spider man, iron man, stunt man, rock
    star, movie star, pop star, pot hole, man hole, key hole, tight end, white water, red light, green light, eye
    glass, sun glass, hour glass, magnifying glass, plate glass, license plate, number plate, name plate, hot plate,
    drum stick, lip stick, chop stick, batter box, penalty box, litter box, flower bed, river bed, hand stand, head
    stand, week end, bird bath, wall flower, tree line, water polo, tail gate, foot work, big top, new year, new
    york, santa claus, cross country, still life, grown up, close up, make up, line up, martial art, sub way, run
    way, high way, drive way, hall way, door way, walk way, rail way, ski mask, side car, face mask, gas mask,
    finish line, clothes line, assembly line, fly ball, butter ball, disco ball, cotton ball, meat ball, search
    party, head band, wrist band, rubber band, arm band, pool table, car pool, whirl pool, wheel barrow, bank shot,
    piggy bank, snow bank, blood bank, jump suit, suit case, pencil case, book case, pillow case, ground hog, road
    hog, bus boy, cow boy, cow girl, play boy, mail man, ball girl, ball boy, bell boy, baby carrot, baby shower,
    baby bump, great dane, adam apple, peace sign, hand sign, dollar sign, table leg, chair leg, chicken leg, turkey
    leg, lamb leg, crab leg, frog leg, chair arm, sofa arm, robot arm, crane arm, bottle neck, zip line, shower
    head, letter head, arrow head, cabbage head, lettuce head, broccoli head, bobble head, fish eye, bull eye, soap
    opera, fire dog"""
)

MATERIALS = word_set("stone brick wood metal glass steel iron concrete marble plastic leather rock")

# Nouns that may share the noun after the next: "an adult and baby giraffe" has no adult.
NOUN_ADJECTIVES = MATERIALS | word_set(
    "adult baby male female mother orange teen chocolate cheese bacon fruit street road water snow size rust copper"
)

# What two nouns make together: "a chicken and rice dish".
JOINT = word_set("dish dinner meal lunch supper platter casserole stew stir stand shop store market")

# After these a bare noun is what is written: "a sign that says stop war".
SAYINGS = word_set(
    "say says saying said read reads spell spells spelling spelled labeled labelled titled named called word"
)

# Plural nouns that do modify another noun: "sports car".
PLURAL_MODIFIERS = word_set("sports doubles singles arts clothes goods games sales arms customs greens glasses")

# Participles that describe the noun they stand before even where nothing else says so: "with smiling people".
ATTRIBUTIVE = word_set(
    """smiling laughing sleeping crying running flowing rolling crashing breaking surrounding towering flying grazing
    matching opposing outstretched setting rising falling burning melting floating glowing rushing winding blooming
    varying hanging oncoming stuffed parked amazing charming stunning relaxing exciting interesting boring loving
    shining sparkling growing moving standing splashing freezing existing passing approaching refreshing peeling
    rotting decaying steaming sizzling bubbling boiling dripping blazing gleaming glistening shimmering swirling raging
    roaring wilting swaying flashing drifting"""
)

# Adverbs that stand before an adjective; after the first few, no opinion can go before the whole: "a very old dog".
DEGREES = word_set(
    "very so too quite rather really extremely pretty fairly somewhat as how almost nearly not just even"
)
ADVERBS = DEGREES | {"well", "half", "long", "ever", "once", "far", "wide", "high", "low", "hard", "soft"}

NEGATIONS = word_set(
    """no not n't without never neither nor none cannot nobody lack lacks lacking lacked minus non zero devoid except
    excluding sans missing forbids forbidding prohibits prohibiting bans banning"""
)

# Participles that form an adjective with the noun before them: "snow covered hills", "heart shaped pizza".
COMPOUNDING = word_set(
    """covered filled lined shaped capped topped colored coloured drawn eaten made mounted striped paneled soaked
    wrapped painted dyed framed paved flavored based themed sized style looking like tiled lit clad kept generated
    powered operated pulled flecked patterned dotted haired skinned grained faced eyed legged handed front top
    full laden   crafted woven carved knit strewn dusted crusted glazed frosted coated splattered stained
    encrusted infested   studded decorated controlled"""
)

AUXILIARIES = word_set("be is are was were been being 's 're am has have had having get gets got getting")

NUMBERS = word_set("one two three four five six seven eight nine ten eleven twelve twenty")

# After a number they make an adjective of it: "a two story house".
MEASURES = word_set("year day week month story storey door way wheel wheeler piece level lane foot inch")

# Verbs that the tagger takes for nouns after a noun: "a zebra standing in grass".
ACTIONS = word_set(
    """standing sitting walking running playing jumping flying swimming laying lying holding eating looking watching
    smiling sleeping grazing posing talking waiting drinking hanging resting leaning barking chewing dancing driving"""
)

# The same with an object after them: "a bus splashing water".
TRANSITIVES = word_set("holding eating wearing splashing carrying chasing catching pulling pushing throwing")

# The same after people and animals alone: "an elephant drinking water", but "a horse riding school".
DEEDS = word_set("drinking chewing playing watching riding")

# What a word in -ing before them is for: "in feeding areas".
PURPOSES = word_set(
    """area areas room rooms station machine machines pool pools lot lots space spaces gear board boards pen pens place
    zone spot season center centre pole poles bag bags pad pads equipment tools table tables bowl bowls"""
)

# Nouns in -ing that may follow another noun, and are no verbs.
GERUND_NOUNS = word_set(
    "crossing clothing building painting drawing opening gathering training costume ceiling railing"
)

# Nouns that are verbs after a plural: "two dogs race".
RACING = word_set(
    """race wrestle tug chase graze hug dance fight bark attempt ride mill play run rest walk wave park line watch
    pose march surf bike graze stare gather crash skate hike swim sleep chat talk drink camp climb row parade"""
)

# Verbs that the tagger takes for plurals after a noun: "a man dressed for cold weather plays".
ACTS = word_set(
    """plays runs walks stands sits rides jumps looks holds watches catches swims leaps drives carries waits hangs
    eats throws pulls pushes poses flies chases bites sprints bounds barks licks sniffs smiles laughs reads drinks
    sleeps rests lays lies crosses climbs hikes kicks hits swings dives slides glides skates skateboards
    snowboards skis surfs pitches points reaches kneels perches wades crouches squats leans dances grazes stares
    chews splashes snoozes fishes naps pants bounces soars growls shines rises hovers spins glows burns floats drifts
    meows purrs howls roars blooms wilts melts drips sways flutters twirls sparkles glistens flickers creaks crumbles
    collapses roams trots gallops grazes chirps yawns waddles flows frowns blinks sneezes pounces prances hops crawls
    sprawls lounges reclines naps dozes strolls wanders paddles bathes weeps giggles cheers sings sews juggles kneels
    hovers grins snarls whines begs sniffles wags perches nibbles drools"""
)

# Of these, what one stands on rather than does, after a preposition: "on snow skis".
GEAR = word_set("skis skates")

PEOPLE = word_set(
    """people person man woman boy girl child kid baby toddler infant teen teenager adult lady guy gentleman dude male
    female mother father mom dad mum parent son daughter sister brother sibling family friend couple crowd audience
    spectator fan player skater skateboarder snowboarder skier surfer swimmer diver biker bicyclist cyclist
    motorcyclist rider racer runner jogger hiker climber dancer singer musician guitarist drummer artist performer
    actor actress bride groom student teacher worker officer policeman cop soldier sailor fireman firefighter driver
    pilot chef cook waiter waitress vendor batter pitcher catcher umpire referee goalie golfer athlete wrestler boxer
    gymnast cheerleader tourist traveler traveller passenger pedestrian customer shopper visitor onlooker bystander
    photographer fisherman cowboy clown santa queen king princess prince doctor nurse patient businessman grandmother
    grandfather grandma grandpa husband wife youth youngster individual human redhead kayaker rower skydiver acrobat
    boarder wakeboarder paraglider equestrian jockey coach teammate opponent lifeguard farmer butcher baker barber
    bartender volunteer protester marcher elder senior group team crew audience"""
)

ANIMALS = word_set(
    """animal dog puppy pup cat kitten kitty horse pony foal cow calf bull ox sheep lamb goat pig bird duck goose swan
    chicken rooster hen seagull gull pigeon parrot owl eagle hawk penguin ostrich flamingo peacock elephant giraffe
    zebra lion tiger leopard cheetah bear panda monkey ape gorilla chimpanzee deer elk moose antelope gazelle buffalo
    bison camel llama donkey mule rabbit bunny squirrel mouse rat hamster fox wolf coyote raccoon kangaroo koala rhino
    rhinoceros hippo hippopotamus turtle tortoise frog toad snake lizard fish shark whale dolphin seal walrus crab
    lobster insect bee butterfly spider poodle terrier retriever labrador collie greyhound dachshund bulldog beagle
    chihuahua dalmatian pug husky rottweiler doberman spaniel schnauzer corgi hound mutt pet creature crane heron
    stork pelican turkey crow raven robin sparrow cattle"""
)

VEHICLES = word_set("car truck bus van motorcycle motorbike bike bicycle scooter train boat ship plane airplane taxi")

# Words beside which an animal is food.
SERVED = word_set(
    "rice dish plate bowl vegetable vegetables dinner lunch meal salad sandwich pizza soup sauce food fries broccoli"
)
