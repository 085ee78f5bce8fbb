-- Cổng của dự án Quarto (pre-render, post-render trong _quarto.yml). Không phải một bộ lọc.
-- Sổ tay chưa chạy cho tài liệu rỗng, và sổ tay đã chạy của một ấn bản có dấu vết của nó: gọi thẳng quarto thì dừng ở đây và nói lệnh
-- phải dùng. Có biến NQ57_QUARTO thì cho qua; sổ tay trong notebooks/ được giữ nguyên khi Quarto chạy (--execute) và ghi kết quả vào nó.
local so_tay = dofile(pandoc.path.join({ pandoc.path.directory(PANDOC_SCRIPT_FILE), 'so-tay.lua' }))

if (os.getenv('NQ57_QUARTO') or '') == '' then
  io.stderr:write([[

Không dựng thẳng bằng Quarto ở đây: sổ tay của báo cáo phải được chạy với tham số, có dấu vết từng số, rồi mới dựng.
  Một báo cáo:              nq57 report params/<tệp>.yml --renderer quarto
  Báo cáo đã có, dựng lại:  nq57 remake <ấn bản>
  Trang web:                nq57 site --audience noi-bo --renderer quarto
Muốn Quarto tự chạy một sổ tay để xem (kết quả ở reports/quarto/, không có tệp dấu vết):
  NQ57_QUARTO=1 quarto render notebooks/<sổ tay>.ipynb --execute -P known:2026-06-30

]])
  os.exit(1)
end

if os.getenv('QUARTO_PROJECT_OUTPUT_FILES') then
  so_tay.tra('')
  so_tay.thoi('')
else
  so_tay.giu(os.getenv('QUARTO_PROJECT_INPUT_FILES') or '')
end
