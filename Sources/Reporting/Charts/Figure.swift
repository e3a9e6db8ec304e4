/// The frame of every figure: title, description, legend and drawing.
struct Figure {
    /// An entry of the legend: a name and the class of its colour.
    struct Key {
        var name: String
        /// An index of the page's colours.
        var colour: Int
        /// Whether the key is a line and not an area.
        var isLine = false
    }

    var title: String
    var note: String = ""
    var keys: [Key] = []
    var width: Double
    var height: Double
    /// Whether the figure keeps its width on a narrow page and scrolls there.
    var isWide = false
    var drawing: HTML

    var html: HTML {
        let entries = keys.map { key -> HTML in
            "<span><i class=\"\(key.isLine ? "l " : "")fill c\(key.colour % 8)\"></i>\(key.name)</span>"
        }
        let legend: HTML = entries.isEmpty ? "" : "<div class=\"legend\">\(entries)</div>"
        let paragraph: HTML = note.isEmpty ? "" : "<p>\(note)</p>"
        return """
            <figure class="card\(isWide ? " scroll wide" : "")"><figcaption><h3>\(title)</h3>\(paragraph)\(legend)</figcaption>
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" role="img" \
            aria-label="\(title)">
            \(drawing)
            </svg></figure>
            """
    }
}
