// Class lists of data sets in the order of the numbers in Pointcept's files; -1 is ignored.

extension ClassLists {
    private static func numbered(_ names: [String]) -> ClassList {
        ClassList(names.enumerated().map { ClassList.Entry($1, from: [$0]) }, ignored: [-1])
    }

    /// The 25 classes of Structured3D (Zheng et al., ECCV 2020) that occur in enough rooms.
    package static let structured3D = numbered([
        "wall", "floor", "cabinet", "bed", "chair", "sofa", "table", "door", "window", "picture",
        "desk", "shelves", "curtain", "dresser", "pillow", "mirror", "ceiling", "refrigerator",
        "television", "nightstand", "sink", "lamp", "other structure", "other furniture",
        "other prop",
    ])

    /// The 21 classes of Matterport3D (Chang et al., 3DV 2017): those of ScanNet and the ceiling.
    package static let matterport3D = numbered([
        "wall", "floor", "cabinet", "bed", "chair", "sofa", "table", "door", "window",
        "bookshelf", "picture", "counter", "desk", "curtain", "refrigerator", "shower curtain",
        "toilet", "sink", "bathtub", "other", "ceiling",
    ])

    /// The 40 classes of HM3D (Yadav et al., CVPR 2023), which are Matterport3D's own categories.
    package static let hm3D = numbered([
        "wall", "floor", "chair", "door", "table", "picture", "cabinet", "cushion", "window",
        "sofa", "bed", "curtain", "chest of drawers", "plant", "sink", "stairs", "ceiling",
        "toilet", "stool", "towel", "mirror", "tv monitor", "shower", "column", "bathtub",
        "counter", "fireplace", "lighting", "beam", "railing", "shelving", "blinds",
        "gym equipment", "seating", "board panel", "furniture", "appliances", "clothes", "objects",
        "misc",
    ])

    /// The 22 classes of Waymo Open's semantic segmentation (Sun et al., CVPR 2020).
    package static let waymo = numbered([
        "car", "truck", "bus", "other vehicle", "motorcyclist", "bicyclist", "pedestrian", "sign",
        "traffic light", "pole", "construction cone", "bicycle", "motorcycle", "building",
        "vegetation", "tree trunk", "curb", "road", "lane marker", "other ground", "walkable",
        "sidewalk",
    ])

    /// The 200 classes of ScanNet200 (Rozenberszki et al., ECCV 2022), the most frequent first.
    package static let scanNet200 = numbered(
        scanNet200Names.split(separator: ",").map { name in
            name.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        })

    // One text, since inferring the type of 200 literals slows the compiler down.
    private static let scanNet200Names = """
        wall, chair, floor, table, door, couch, cabinet, shelf, desk, office chair, bed, pillow,
        sink, picture, window, toilet, bookshelf, monitor, curtain, book, armchair, coffee table,
        box, refrigerator, lamp, kitchen cabinet, towel, clothes, tv, nightstand, counter,
        dresser, stool, cushion, plant, ceiling, bathtub, end table, dining table, keyboard, bag,
        backpack, toilet paper, printer, tv stand, whiteboard, blanket, shower curtain, trash can,
        closet, stairs, microwave, stove, shoe, computer tower, bottle, bin, ottoman, bench,
        board, washing machine, mirror, copier, basket, sofa chair, file cabinet, fan, laptop,
        shower, paper, person, paper towel dispenser, oven, blinds, rack, plate, blackboard,
        piano, suitcase, rail, radiator, recycling bin, container, wardrobe, soap dispenser,
        telephone, bucket, clock, stand, light, laundry basket, pipe, clothes dryer, guitar,
        toilet paper holder, seat, speaker, column, bicycle, ladder, bathroom stall, shower wall,
        cup, jacket, storage bin, coffee maker, dishwasher, paper towel roll, machine, mat,
        windowsill, bar, toaster, bulletin board, ironing board, fireplace, soap dish, kitchen
        counter, doorframe, toilet paper dispenser, mini fridge, fire extinguisher, ball, hat,
        shower curtain rod, water cooler, paper cutter, tray, shower door, pillar, ledge, toaster
        oven, mouse, toilet seat cover dispenser, furniture, cart, storage container, scale,
        tissue box, light switch, crate, power outlet, decoration, sign, projector, closet door,
        vacuum cleaner, candle, plunger, stuffed animal, headphones, dish rack, broom, guitar
        case, range hood, dustpan, hair dryer, water bottle, handicap bar, purse, vent, shower
        floor, water pitcher, mailbox, bowl, paper bag, alarm clock, music stand, projector
        screen, divider, laundry detergent, bathroom counter, object, bathroom vanity, closet
        wall, laundry hamper, bathroom stall door, ceiling light, trash bin, dumbbell, stair rail,
        tube, bathroom cabinet, cd case, closet rod, coffee kettle, structure, shower head,
        keyboard piano, case of water bottles, coat rack, storage organizer, folded chair, fire
        alarm, power strip, calendar, poster, potted plant, luggage, mattress
        """
}
