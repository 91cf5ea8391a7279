import Crypto
import NIOPosix

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

extension TransferFile {
    /// Reads a whole file, or standard input for `-`.
    ///
    /// - Throws: when it cannot be read, or is not a file of transfers. Nothing was sent then.
    static func read(_ path: String) async throws(TellerError) -> TransferFile {
        let name = path == "-" ? "standard input" : path.shortened(toColumns: 200)
        let bytes: [UInt8]
        do {
            // Reading may wait for whoever writes, so it has a thread of its own.
            bytes = try await NIOThreadPool.singleton.runIfActive { try contents(path) }
        } catch let error as FileReadError {
            throw TellerError(
                error == .tooLarge ? .dataError : .noInput, "\(name): \(error)",
                advice: "nothing was sent")
        } catch {
            throw TellerError(.interrupted, "interrupted", advice: "nothing was sent")
        }
        do throws(TransferFileError) {
            var file = try TransferFile(bytes)
            file.sha256 = SHA256.hash(data: bytes).hexadecimal
            return file
        } catch {
            throw TellerError(.dataError, "\(name): \(error)", advice: "nothing was sent")
        }
    }

    private static func contents(_ path: String) throws(FileReadError) -> [UInt8] {
        let file = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard file >= 0 else { throw .system(errno) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count: Int
            do throws(SystemError) {
                count = try DescriptorIO.read(file, into: &chunk)
            } catch {
                throw .system(error.number)
            }
            guard count > 0 else { return bytes }
            guard bytes.count + count <= largest else { throw .tooLarge }
            bytes += chunk[..<count]
        }
    }
}

extension SHA256Digest {
    /// As sha256sum(1) prints it.
    fileprivate var hexadecimal: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// Why a file cannot be read.
private enum FileReadError: Error, Sendable, Hashable, CustomStringConvertible {
    case system(Int32)
    case tooLarge

    var description: String {
        switch self {
        case .system(let number): String(cString: strerror(number))
        case .tooLarge: "it is larger than \(TransferFile.largest >> 20) MB"
        }
    }
}
