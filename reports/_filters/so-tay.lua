-- Giữ nguyên sổ tay khi Quarto chạy nó (--execute ghi kết quả vào chính sổ tay). Không phải một bộ lọc; cong.lua giữ, ket-qua.lua trả.
local M = {}
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

local function moi_tep(goc, lam)
  local co, cac_ten = pcall(pandoc.system.list_directory, goc .. GIU)
  for _, ten in ipairs(co and cac_ten or {}) do lam(goc .. GIU .. ten, goc .. ten:gsub('%%', '/')) end
end

--- Lời của các ô, không kể ô tham số mà việc chạy thêm vào: hai sổ tay cùng lời chỉ khác nhau ở kết quả.
local function loi(chu)
  local ra = {}
  for _, o in ipairs(pandoc.json.decode(chu, false).cells) do
    if not pandoc.List(o.metadata.tags or {}):includes('injected-parameters') then
      ra[#ra + 1] = o.cell_type .. (type(o.source) == 'table' and table.concat(o.source) or o.source)
    end
  end
  return table.concat(ra, '\0')
end

--- Giữ một bản của các sổ tay trong notebooks/ sắp được chạy.
function M.giu(cac_so_tay)
  pandoc.system.make_directory(GIU, true)
  M.thoi('')
  for so_tay in cac_so_tay:gmatch('[^\n]+') do
    local chu = so_tay:match('^notebooks[/\\].*%.ipynb$') and doc_tep(so_tay)
    if chu then ghi_tep(GIU .. so_tay:gsub('[/\\]', '%%'), chu) end
  end
end

--- Trả các sổ tay đã giữ về như trước, trừ sổ tay mà người dùng đã sửa lời; goc là thư mục dự án, có dấu / ở cuối.
function M.tra(goc)
  moi_tep(goc, function(ban_giu, so_tay)
    local truoc, nay = doc_tep(ban_giu), doc_tep(so_tay)
    local doc_duoc, cung_loi = pcall(function() return truoc ~= nay and loi(truoc) == loi(nay) end)
    if doc_duoc and cung_loi then ghi_tep(so_tay, truoc) end
  end)
end

--- Thôi giữ.
function M.thoi(goc)
  moi_tep(goc, os.remove)
end

return M
