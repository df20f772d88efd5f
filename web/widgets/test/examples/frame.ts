// A widget of another package, as the page in its sandboxed frame.
import { connectWidget } from '@weir/widgets/frame'

connectWidget(({ title, theme }) => {
  let rows = 0
  document.body.style.color = theme.text
  return {
    take: (batch) => {
      rows += batch.rows
      document.body.textContent = `${title}: ${rows} rows`
    },
    end: () => {
      document.body.textContent += ', ended'
    }
  }
})
