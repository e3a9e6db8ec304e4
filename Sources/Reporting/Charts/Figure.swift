/// What every figure has: a title, a line that says what it shows, a legend, a drawing.
struct Figure {
    /// An entry of the legend: a name and the class of its colour.
    struct Key {
        var name: String
        /// A place in the series' colours.
        var colour: Int
        /// Whether it is a line, not an area.
        var isLine = false
    }

    var title: String
    var note: String = ""
    var keys: [Key] = []
    var width: Double
    var height: Double
    /// Whether it keeps its size on a narrow page, and is shifted there.
    var isWide = false
    var drawing: HTML

    var html: HTML {
        let entries = keys.map { key -> HTML in
            "<span><i class=\"\(key.isLine ? "l " : "")fill c\(key.colour % 8)\"></i>\(key.name)</span>"
        }
        let legend: HTML = entries.isEmpty ? "" : "<div class=\"legend\">\(entries)</div>"
        let said: HTML = note.isEmpty ? "" : "<p>\(note)</p>"
        return """
            <figure class="card\(isWide ? " scroll wide" : "")"><figcaption><h3>\(title)</h3>\(said)\(legend)</figcaption>
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" role="img" \
            aria-label="\(title)">
            \(drawing)
            </svg></figure>
            """
    }
}
