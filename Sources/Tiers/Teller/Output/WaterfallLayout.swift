import Chain

/// How the columns of a waterfall share the width: names and times come first, then what each tier
/// did, whole before cut, then the protocols, and the bars take what is left.
struct WaterfallLayout: Sendable {
    /// Each column's width; 0 for one that is left out.
    let name: Int
    let detail: Int
    let hop: Int
    let duration: Int
    let bar: Int

    private let decimals: Int

    private static let narrowestBar = 10
    private static let narrowestDetail = 16
    private static let gap = 2

    init(_ spans: [Waterfall.Span], columns: Int) {
        let decimals = Self.decimals(for: spans)
        self.decimals = decimals
        name = spans.enumerated().map { Self.label($1, depth: $0).displayWidth }.max() ?? 0
        duration = spans.map { $0.duration.milliseconds(decimals: decimals).count }.max() ?? 0
        let widestDetail = spans.map(\.detail.displayWidth).max() ?? 0
        let widestHop = spans.map(\.hop.displayWidth).max() ?? 0
        let rest = columns - Self.room(name) - Self.room(duration) - Self.gap
        let roomForDetail = rest - Self.narrowestBar - Self.gap
        if roomForDetail - Self.room(widestHop) >= widestDetail {
            (detail, hop) = (widestDetail, widestHop)
        } else if roomForDetail >= widestDetail {
            (detail, hop) = (widestDetail, 0)
        } else if roomForDetail - Self.room(widestHop) >= Self.narrowestDetail {
            (detail, hop) = (roomForDetail - Self.room(widestHop), widestHop)
        } else {
            (detail, hop) = (0, 0)
        }
        bar = max(1, rest - (detail > 0 ? Self.room(detail) : 0) - (hop > 0 ? Self.room(hop) : 0))
    }

    /// What a column of this width takes, with the gap before it.
    private static func room(_ width: Int) -> Int { gap + width }

    static func label(_ span: Waterfall.Span, depth: Int) -> String {
        depth == 0 ? span.name : String(repeating: "  ", count: depth - 1) + "└ " + span.name
    }

    func time(_ span: Waterfall.Span) -> String {
        span.duration.milliseconds(decimals: decimals)
    }

    /// One decimal, or as many as the shortest time needs to be more than zero.
    private static func decimals(for spans: [Waterfall.Span]) -> Int {
        let shortest = spans.map(\.duration.wholeMicroseconds).filter { $0 > 0 }.min() ?? 0
        return shortest >= 100 || shortest == 0 ? 1 : shortest >= 10 ? 2 : 3
    }
}

extension Duration {
    /// Milliseconds with their unit, rounded half up, such as `3.4 ms`.
    ///
    /// - Parameter decimals: 0 to 3.
    func milliseconds(decimals: Int) -> String {
        let unit: Int64 = [1000, 100, 10, 1][min(max(decimals, 0), 3)]
        let scale = 1000 / unit
        let microseconds = max(0, wholeMicroseconds)
        let rounded = microseconds / unit + (microseconds % unit * 2 >= unit && unit > 1 ? 1 : 0)
        let fraction = String(rounded % scale + scale).dropFirst()
        return decimals <= 0 ? "\(rounded) ms" : "\(rounded / scale).\(fraction) ms"
    }
}
