/// A self-contained page: style and scripts are inline, and its content security policy forbids
/// loading anything.
package struct Page {
    /// The title of the browser window.
    package var title: String
    /// The content.
    package var body: HTML
    /// Scripts that run after the body.
    package var scripts: [String] = []
    /// The policy's source for data after loading: `'none'`, or `'self'` for a live page.
    package var connects = "'none'"

    /// A page without scripts.
    package init(title: String, body: HTML) {
        self.title = title
        self.body = body
    }

    /// The page of a report: a navigation bar, a heading, introductory content and the sections.
    init(report title: String, summary: String, first: [HTML] = [], _ sections: [Section]) {
        let links = sections.map { section -> HTML in
            "<a href=\"#\(section.id)\">\(section.short)</a>"
        }
        self.init(
            title: "\(title) · Denju",
            body: """
                <nav><div><strong>Denju</strong>\(links)\
                <button id="theme" type="button">Light / dark</button></div></nav>
                <main>
                <header><h1>\(title)</h1><p class="soft">\(summary)</p></header>
                \(first)
                \(sections.map(\.html))
                <footer>Written by denju report. Nothing in this file is loaded from elsewhere.</footer>
                </main>
                """)
    }

    /// The complete page.
    package var html: HTML {
        let policy =
            "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
            + "script-src 'unsafe-inline'; connect-src \(connects)"
        return """
            <!DOCTYPE html>
            <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
            <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <meta http-equiv="Content-Security-Policy" content="\(policy)" />
            <link rel="icon" href="data:," />
            <title>\(title)</title>
            <style>/*<![CDATA[*/
            \(HTML(markup: Asset.style))
            /*]]>*/</style>
            </head>
            <body>
            \(body)
            \((scripts + [Asset.theme]).map(Self.script))
            </body>
            </html>

            """
    }

    // The markers make the page valid as HTML and as XML, with which tests parse it.
    private static func script(_ program: String) -> HTML {
        """
        <script>//<![CDATA[
        \(HTML(markup: program))
        //]]></script>
        """
    }

    /// JSON data for a script, by name.
    static func data(_ name: String, json: String) -> HTML {
        // A class name may contain `</script>`, which would end the element.
        let escaped = json.replacing("&", with: "\\u0026").replacing("<", with: "\\u003c")
        return """
            <script type="application/json" id="\(name)">\(HTML(markup: escaped))</script>
            """
    }
}

/// The styles and scripts of pages: files in `Assets`, embedded in the program.
enum Asset {
    static var style: String { text(PackageResources.page_css) }
    static var theme: String { text(PackageResources.theme_js) }
    static var live: String { text(PackageResources.live_js) }
    static var viewer: String { text(PackageResources.viewer_js) }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
