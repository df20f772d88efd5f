// The mark: three lines of water that go over a weir.

/** The mark of Weir; its name stands beside it in words. */
export function Mark({ size = 26 }: { size?: number }) {
  return (
    <svg
      width={size}
      height={(size * 20) / 24}
      viewBox="0 0 24 20"
      fill="none"
      stroke="var(--water)"
      strokeWidth="2.2"
      strokeLinecap="round"
      aria-hidden="true"
      className="shrink-0"
    >
      <path d="M1 3h7c5 0 4 6 8 6h7" />
      <path d="M1 9h6c5 0 4 6 8 6h8" opacity=".65" />
      <path d="M1 15h5c3 0 3.5 3.5 6 3.5" opacity=".4" />
    </svg>
  )
}
