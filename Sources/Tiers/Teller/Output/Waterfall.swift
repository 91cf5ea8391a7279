import Chain

/// A request drawn tier by tier: who did what, over which hop, and for how long.
///
/// Durations nest and carry no start, so each bar stands in the middle of its caller's.
struct Waterfall: Sendable {
    struct Span: Sendable {
        var name: String
        var detail: String
        /// What this tier speaks to the one behind it; empty for the last.
        var hop: String
        var duration: Duration
        var ink: Style.Ink?
    }

    /// The front client first.
    private var spans: [Span]

    /// The most tiers that a server's answer can add.
    static let mostTiers = 12

    /// - Parameters:
    ///   - request: what the client asked, such as `GET /v1/accounts/{account}/balance`.
    ///   - total: from the request's start to the end of its answer, as the client saw it.
    ///   - timing: what the server and the tiers behind it say that they spent.
    init(request: String, total: Duration, timing: ServerTiming) {
        spans = [
            Span(name: "teller", detail: request, hop: "HTTP/1.1", duration: total, ink: .cyan)
        ]
        spans += timing.metrics.prefix(Self.mostTiers).map(Span.init)
        spans[spans.count - 1].hop = spans.count == 1 ? "HTTP/1.1" : ""
    }

    /// The drawing, one line a tier, within `columns`.
    func lines(columns: Int, style: Style) -> [String] {
        let layout = WaterfallLayout(spans, columns: columns)
        var bars = BarScale(whole: spans[0].duration, cells: layout.bar)
        return spans.enumerated().map { index, span in
            var parts = [WaterfallLayout.label(span, depth: index).padded(to: layout.name)]
            if layout.detail > 0 {
                let detail = span.detail.shortened(toColumns: layout.detail)
                parts.append(style(.dim, detail.padded(to: layout.detail)))
            }
            if layout.hop > 0 { parts.append(style(.dim, span.hop.padded(to: layout.hop))) }
            parts.append(layout.time(span).paddedLeft(to: layout.duration))
            let (offset, length) = bars.next(span.duration)
            let bar = style(span.ink, String(repeating: "█", count: length))
            parts.append(String(repeating: " ", count: offset) + bar)
            return parts.map { "  " + $0 }.joined()
        }
    }
}

extension Waterfall.Span {
    fileprivate init(_ metric: ServerTiming.Metric) {
        detail = metric.detail.printable.replacing("->", with: "→").replacing("...", with: "…")
        duration = metric.duration
        switch metric.name {
        case "bank-server": (name, hop, ink) = ("bank-server", "gRPC", .blue)
        case "balance-service": (name, hop, ink) = ("balance-service", "libpq", .magenta)
        case "postgresql": (name, hop, ink) = ("PostgreSQL", "", .green)
        default: (name, hop, ink) = (metric.name.printable.shortened(toColumns: 24), "", nil)
        }
    }
}

/// Where bars stand: each in the middle of the one before, and never outside of it.
private struct BarScale {
    private let whole: Double
    private let cells: Int
    private var outer: (offset: Int, length: Int)

    init(whole: Duration, cells: Int) {
        self.whole = max(1, Double(whole.wholeMicroseconds))
        self.cells = cells
        outer = (0, cells)
    }

    mutating func next(_ duration: Duration) -> (offset: Int, length: Int) {
        let share = min(1, Double(duration.wholeMicroseconds) / whole)
        let length = min(outer.length, max(1, Int((share * Double(cells)).rounded())))
        outer = (outer.offset + (outer.length - length) / 2, length)
        return outer
    }
}
