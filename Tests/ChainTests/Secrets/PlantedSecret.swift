import Foundation

/// Something that must be nowhere but in its place, in each form that it may have elsewhere.
struct PlantedSecret {
    let name: String
    let forms: [Data]

    /// - Parameter text: As it is typed, or sent.
    init(_ name: String, _ text: String) {
        let encoded = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text
        self.init(name, [text, encoded], bytes: Data(text.utf8))
    }

    /// - Parameter pem: What a file of PEM holds.
    init(_ name: String, pem: String) {
        let lines = pem.split(separator: "\n").filter { !$0.hasPrefix("-----") }.map(String.init)
        self.init(name, lines, bytes: Data(base64Encoded: lines.joined()) ?? Data())
    }

    /// - Parameter bytes: What it is, where that is not text.
    init(_ name: String, _ texts: [String], bytes: Data) {
        self.name = name
        let hexadecimal = bytes.map { String(format: "%02x", $0) }.joined()
        let base64 = (0..<3).flatMap { Self.base64(bytes, after: $0) }
        forms = (texts + base64 + [hexadecimal, hexadecimal.uppercased()]).map { Data($0.utf8) }
    }

    /// What base64 has of it after so many other bytes, whatever follows: as `user:password` of Basic.
    private static func base64(_ bytes: Data, after count: Int) -> [String] {
        let text = (Data(repeating: 0, count: count) + bytes).base64EncodedString()
        let own = text.dropFirst([0, 2, 3][count]).prefix { $0 != "=" }.dropLast()
        let url = own.replacing("+", with: "-").replacing("/", with: "_")
        return [String(own), String(url)]
    }

    func isIn(_ data: Data) -> Bool { forms.contains { data.range(of: $0) != nil } }
}

/// What was written by anybody, and where.
struct WrittenTexts {
    struct Text {
        let place: String
        let data: Data

        var text: String { String(decoding: data, as: UTF8.self) }
    }

    private(set) var texts: [Text] = []

    mutating func add(_ place: String, _ text: String) {
        texts.append(Text(place: place, data: Data(text.utf8)))
    }

    /// Adds every file below a folder whose path `isWanted`.
    mutating func addFiles(in folder: String, where isWanted: (String) -> Bool) throws {
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder) where isWanted(path)
        {
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(path)") else {
                continue
            }
            texts.append(Text(place: path, data: data))
        }
    }

    /// Which of the secrets is where.
    func finds(_ secrets: [PlantedSecret]) -> [String] {
        texts.flatMap { text in
            secrets.filter { $0.isIn(text.data) }.map { "\($0.name) in \(text.place)" }
        }
    }
}
