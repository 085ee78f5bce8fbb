-- Cổng của dự án Quarto (pre-render, post-render trong _quarto.yml). Không phải một bộ lọc.
-- Sổ tay chưa chạy cho tài liệu rỗng, và sổ tay đã chạy của một ấn bản có dấu vết của nó: gọi thẳng quarto thì dừng ở đây và nói lệnh
-- phải dùng. Có biến NQ57_QUARTO thì cho qua; sổ tay trong notebooks/ được giữ nguyên khi Quarto chạy (--execute) và ghi kết quả vào nó.
local GIU = '.quarto/so-tay-goc/'

local function doc_tep(ten)
  local tep = io.open(ten, 'rb')
  if not tep then return nil end
  local chu = tep:read('a')
  tep:close()
  return chu
end

local function ghi_tep(ten, chu)
  local tep = assert(io.open(ten, 'wb'))
  tep:write(chu)
  tep:close()
end

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
  for _, ten in ipairs(pandoc.system.list_directory(GIU)) do
    ghi_tep((ten:gsub('%%', '/')), doc_tep(GIU .. ten))
    os.remove(GIU .. ten)
  end
else
  pandoc.system.make_directory(GIU, true)
  for _, ten in ipairs(pandoc.system.list_directory(GIU)) do os.remove(GIU .. ten) end
  for so_tay in (os.getenv('QUARTO_PROJECT_INPUT_FILES') or ''):gmatch('[^\n]+') do
    local chu = so_tay:match('^notebooks[/\\].*%.ipynb$') and doc_tep(so_tay)
    if chu then ghi_tep(GIU .. so_tay:gsub('[/\\]', '%%'), chu) end
  end
end
