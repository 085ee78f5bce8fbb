-- Đọc, ghi một tệp. Không phải một bộ lọc.
local M = {}

--- Nội dung của một tệp; nil nếu không mở được.
function M.doc(ten)
  local tep = io.open(ten, 'rb')
  if not tep then return nil end
  local chu = tep:read('a')
  tep:close()
  return chu
end

function M.ghi(ten, chu)
  local tep = assert(io.open(ten, 'wb'))
  tep:write(chu)
  tep:close()
end

return M
