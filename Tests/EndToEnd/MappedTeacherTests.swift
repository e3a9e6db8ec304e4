import Testing

/// A teacher with the classes car and van and a student with the class vehicle.
@Suite struct MappedTeacherTests {
    private let folder: Folder
    private let teacherClasses = "[{ground: 0}, {car: 1}, {van: 2}, {sky: 3}]"

    init() throws {
        folder = try Folder()
        for (split, count) in [("train", 6), ("val", 1)] {
            for number in 0..<count { try write("data/\(split)/\(number).ply", number) }
        }
        try folder.write(recipe(classes: teacherClasses, steps: 2).yaml, to: "teacher.yaml")
        try folder.train("teacher.yaml", "teacher", "--workers", "1")
    }

    private func write(_ name: String, _ number: Int) throws {
        let lines = (0..<160).map { point in
            let (x, y) = (Double(point * 7 % 23 + number), Double(point * 5 % 19))
            return "\(x * 0.41) \(y * 0.37) \(point % 4) \(Double(point % 9) / 9) \(point % 4)"
        }
        try folder.write(
            """
            ply
            format ascii 1.0
            element vertex 160
            property float x
            property float y
            property float z
            property float intensity
            property uchar label
            end_header
            \(lines.joined(separator: "\n"))

            """, to: name)
    }

    private func recipe(
        classes: String, steps: Int = 6, teaching: String? = nil
    ) -> TinyRecipe {
        TinyRecipe(
            steps: steps,
            data: """
                  source: ply
                  path: data
                  classes: \(classes)
                  options: {intensity-range: 1}
                """,
            teaching: teaching,
            objectives: teaching == nil ? ["task.cross-entropy"] : TinyRecipe.distilling,
            rest: teaching == nil ? "" : "views: {count: 2}")
    }

    private let classes = "[{ground: 0}, {vehicle: [1, 2]}, {ignored: [3]}]"
    private let mapping = "{car: vehicle, van: vehicle}"

    private func train(_ run: String, _ teaching: String, workers: Int = 1) throws
        -> Command.Outcome
    {
        try folder.write(recipe(classes: classes, teaching: teaching).yaml, to: "recipe.yaml")
        return try Denju.run(
            [
                "train", "--recipe", "recipe.yaml", "--run", run, "--workers", "\(workers)",
                "--cache", folder("cache"),
            ], in: folder)
    }

    @Test func digestIsEqualForAnyNumberOfWorkers() throws {
        let one = try train("one", "{model: teacher, classes: \(mapping)}")
        #expect(one.status == 0, "\(one.errors)")
        #expect(one.errors.contains("the teacher's scores for sky are left out"))
        try folder.write("\(mapping)\n", to: "classes.yaml")
        #expect(try train("two", "{model: teacher, classes: classes.yaml}", workers: 2).status == 0)
        #expect(try folder.digest(of: "one") == folder.digest(of: "two"))
        let report = try Denju.run(["report", "one"], in: folder)
        #expect(report.status == 0, "\(report.errors)")
        let page = try folder.text("one/report.html")
        #expect(page.contains("<tr><td>teacher</td>"))
        #expect(page.contains("the teacher's scores for sky are left out"))

        let auto = "model: teacher, knowledge: auto, pack: pack"
        let cold = try train("cold", "{\(auto), classes: \(mapping)}", workers: 2)
        #expect(cold.status == 0, "\(cold.errors)")
        #expect(try train("warm", "{\(auto), classes: \(mapping)}").status == 0)
        #expect(try folder.digest(of: "cold") == folder.digest(of: "warm"))
        // A pack with another mapping belongs to another teacher.
        expectLastSentence(
            try train("other", "{\(auto), classes: {car: vehicle, van: ignored}}"),
            saying: ["The knowledge pack pack is of another teacher"])
    }

    @Test func unusableMappingIsOneSentence() throws {
        expectLastSentence(
            try train("a", "{model: teacher}"),
            saying: ["does not know vehicle and knows car, van, sky", "teacher.classes"])
        expectLastSentence(
            try train("b", "{model: teacher, classes: {car: wheels}}"),
            saying: ["'car' stand for 'wheels'", "ground, vehicle or ignored"])
        expectLastSentence(
            try train("c", "{model: teacher, classes: none.yaml}"),
            saying: ["recipe.yaml", "teacher.classes names", "no such file"])
        #expect(!folder.has("a/checkpoints/latest"))
    }
}
