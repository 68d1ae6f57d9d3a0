// PTY
